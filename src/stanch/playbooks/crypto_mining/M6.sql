-- What a host looked up is not what it did: `!DNS` and reputation findings of the sensor do not count.
SELECT
    CASE
        WHEN count(*) = 0 THEN 'unknown'
        WHEN bool_or(type IN ('CryptoCurrency:Runtime/BitcoinTool.B', 'Impact:Runtime/CryptoMinerExecuted')) THEN 'yes'
        ELSE 'no'
    END AS answer,
    count(*) AS n,
    CAST([] AS VARCHAR[]) AS events
FROM case_findings
