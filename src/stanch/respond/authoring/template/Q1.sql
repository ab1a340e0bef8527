-- One row: answer (yes, no, unknown), n (how many events bear on it), events (up to 20 ids of them).
-- case_addresses: callers and peers of the findings; label: vpn, office, ci, egress, partner (declared by you), instance,
-- private, service, foreign (none of these).
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(label = 'foreign') THEN 'yes'
        WHEN bool_and(label IN ('vpn', 'office', 'ci', 'egress', 'partner')) THEN 'no'
        ELSE 'unknown'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_addresses
