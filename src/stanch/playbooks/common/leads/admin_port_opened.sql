-- A prefix of no bits is the whole world, whatever address stands before it.
SELECT event_id
FROM acts
WHERE error_code IS NULL AND event_source = 'ec2.amazonaws.com' AND event_name = 'AuthorizeSecurityGroupIngress'
  AND regexp_matches(request_parameters, '/0"')
  AND regexp_matches(
    replace(request_parameters, ' ', ''),
    '"fromPort":(0|-1|22|23|445|1433|1521|3306|3389|5432|5900|5985|5986|6379|9200|11211|27017)[,}]|"ipProtocol":"-1"'
  )
