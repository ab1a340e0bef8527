-- Without the operator's list of accounts nobody can say whose account it is.
WITH remote AS (SELECT DISTINCT remote_account AS id FROM case_findings WHERE remote_account IS NOT NULL),
strange AS (SELECT id FROM remote WHERE id NOT IN (SELECT id FROM accounts))
SELECT
    CASE
        WHEN count(*) = 0 OR NOT EXISTS (SELECT 1 FROM accounts) THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM strange) THEN 'no'
        ELSE 'yes'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM remote
