-- Exactly three of the four proofs, of which the registry must be one.
WITH calls AS (
    SELECT event_id FROM actor_events WHERE scope = 'credential' AND event_time BETWEEN $since AND $until
)
SELECT
    CASE
        WHEN NOT EXISTS (SELECT 1 FROM pipeline_proofs WHERE proof = 'registry') OR NOT EXISTS (SELECT 1 FROM calls)
            THEN 'unknown'
        WHEN (SELECT count(DISTINCT proof) FROM pipeline_proofs) = 3 THEN 'yes'
        ELSE 'no'
    END AS answer,
    (SELECT count(DISTINCT proof) FROM pipeline_proofs) AS n,
    (SELECT list(event_id ORDER BY event_time, event_id)[1:20]
        FROM (SELECT DISTINCT event_id, event_time FROM pipeline_proofs WHERE event_id IS NOT NULL)) AS events
