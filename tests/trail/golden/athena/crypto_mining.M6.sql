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
), assets AS (
  SELECT
    arn,
    tier,
    stateful,
    workload,
    data
  FROM desk_assets
  WHERE
    desk = ?
), seen AS (
  SELECT
    f.type,
    EXISTS(
      SELECT
        1
      FROM assets AS a
      WHERE
        a.arn = f.instance_arn
        AND (
          a.workload = 'threat-research'
          OR (
            a.workload = 'blockchain-node' AND f.type <> 'Impact:Runtime/CryptoMinerExecuted'
          )
        )
    ) AS declared
  FROM case_findings AS f
), told AS (
  SELECT
    type IN ('CryptoCurrency:Runtime/BitcoinTool.B', 'Impact:Runtime/CryptoMinerExecuted') AS mines,
    declared
  FROM seen
)
SELECT
  CASE
    WHEN COUNT(*) = 0
    THEN 'unknown'
    WHEN BOOL_OR(mines AND NOT declared)
    THEN 'yes'
    WHEN BOOL_OR(mines)
    THEN 'unknown'
    ELSE 'no'
  END AS answer,
  COUNT(*) AS n,
  JSON_FORMAT(CAST(CAST(ARRAY[] AS ARRAY(VARCHAR)) AS JSON)) AS events
FROM told
