SELECT event_id
FROM acts
WHERE event_source = 'route53domains.amazonaws.com' AND event_name IN (
    'TransferDomain', 'TransferDomainToAnotherAwsAccount', 'DisableDomainTransferLock', 'UpdateDomainNameservers',
    'RetrieveDomainAuthCode', 'UpdateDomainContact', 'DeleteDomain')
