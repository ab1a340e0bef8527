-- values: desk, desk
WITH case_findings AS (
  SELECT
    id,
    type,
    product,
    account_id,
    region,
    severity,
    CAST(began AS TIMESTAMP) AS began,
    CAST(seen AS TIMESTAMP) AS seen,
    identity_kind,
    identity_name,
    principal_id,
    access_key_id,
    instance_id,
    instance_arn,
    caller_ip,
    remote_account,
    remote_ip,
    direction,
    remote_port,
    blocked,
    is_lead,
    known,
    outsider
  FROM desk_case_findings
  WHERE
    desk = ?
), accounts AS (
  SELECT
    id
  FROM desk_accounts
  WHERE
    desk = ?
), remote AS (
  SELECT DISTINCT
    remote_account AS id
  FROM case_findings
  WHERE
    NOT remote_account IS NULL
), strange AS (
  SELECT
    id
  FROM remote
  WHERE
    NOT id IN (
      SELECT
        id
      FROM accounts
    )
)
SELECT
  CASE
    WHEN COUNT(*) = 0 OR NOT EXISTS(
      SELECT
        1
      FROM accounts
    )
    THEN 'unknown'
    WHEN EXISTS(
      SELECT
        1
      FROM strange
    )
    THEN 'no'
    ELSE 'yes'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM remote
