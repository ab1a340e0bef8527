-- All of the case's addresses must be declared: one stranger among them is not excused by the others.
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN count(*) FILTER (WHERE label NOT IN ('vpn', 'office', 'ci', 'egress', 'partner')) = 0 THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) FILTER (WHERE label IN ('vpn', 'office', 'ci', 'egress', 'partner')) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_addresses
