-- A prefix of no bits is the whole world, whatever address stands before it. A network's own list that lets everything in
-- is what every network begins with: it tells from where its changer has never been.
WITH opened AS (
    SELECT event_name, event_id, elsewhere, replace(request_parameters, ' ', '') AS asked
    FROM acts
    WHERE error_code IS NULL AND event_source IN ('ec2.amazonaws.com', 'rds.amazonaws.com', 'redshift.amazonaws.com')
      AND event_name IN (
        'AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules', 'AuthorizeDBSecurityGroupIngress',
        'AuthorizeClusterSecurityGroupIngress', 'CreateNetworkAclEntry', 'ReplaceNetworkAclEntry')
      AND regexp_matches(request_parameters, '/0"')
)
SELECT event_id
FROM opened
WHERE (event_name IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules') AND regexp_matches(
        asked,
        '(?i)"fromPort":(0|-1|22|23|445|1433|1521|3306|3389|5432|5900|5985|5986|6379|9200|11211|27017)[,}]|"ipProtocol":"-1"'))
   OR event_name IN ('AuthorizeDBSecurityGroupIngress', 'AuthorizeClusterSecurityGroupIngress')
   OR (elsewhere AND event_name IN ('CreateNetworkAclEntry', 'ReplaceNetworkAclEntry')
        AND contains(asked, '"ruleAction":"allow"') AND contains(asked, '"egress":false')
        AND regexp_matches(asked, '"aclProtocol":"?-1"?[,}]'))
