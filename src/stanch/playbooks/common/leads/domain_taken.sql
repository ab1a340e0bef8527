-- Records are everyday work; not for someone who never wrote one, at a place where he has never been.
SELECT event_id
FROM acts
WHERE (event_source = 'route53domains.amazonaws.com' AND event_name IN (
    'TransferDomain', 'TransferDomainToAnotherAwsAccount', 'DisableDomainTransferLock', 'UpdateDomainNameservers',
    'RetrieveDomainAuthCode', 'UpdateDomainContact', 'DeleteDomain'))
   OR (event_source = 'route53.amazonaws.com' AND event_name IN ('ChangeResourceRecordSets', 'DeleteHostedZone')
        AND elsewhere AND seasoned AND novel)
