-- What a host looked up is not what it did: `!DNS` and reputation findings of the sensor do not count. That a declared
-- node speaks with its peers is M7's matter; that it runs a miner is not, unless it is there to study such programs.
WITH seen AS (
    SELECT
        f.type,
        EXISTS (
            SELECT 1 FROM assets a WHERE a.arn = f.instance_arn
                AND (a.workload = 'threat-research'
                  OR (a.workload = 'blockchain-node' AND f.type <> 'Impact:Runtime/CryptoMinerExecuted'))) AS declared
    FROM case_findings f
),
told AS (
    SELECT type IN ('CryptoCurrency:Runtime/BitcoinTool.B', 'Impact:Runtime/CryptoMinerExecuted') AS mines, declared
    FROM seen
)
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(mines AND NOT declared) THEN 'yes'
        WHEN bool_or(mines) THEN 'unknown'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM told
