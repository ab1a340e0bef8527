-- Mail and text messages on our account: what may be sent is asked for, or a sender is added, from a network that is new.
WITH asked AS (
    SELECT event_id, event_time, account_id, principal_arn, event_name
    FROM acts
    WHERE elsewhere AND (
        (event_source = 'ses.amazonaws.com' AND event_name IN (
            'GetSendQuota', 'GetAccount', 'GetAccountSendingEnabled', 'ListIdentities', 'ListEmailIdentities',
            'GetIdentityVerificationAttributes', 'GetSendStatistics', 'GetEmailIdentity', 'ListVerifiedEmailAddresses',
            'ListServiceQuotas'))
        OR (event_source = 'sns.amazonaws.com' AND event_name IN (
            'GetSMSAttributes', 'GetSMSSandboxAccountStatus', 'ListOriginationNumbers', 'ListPhoneNumbersOptedOut')))
),
bursts AS (
    SELECT a.account_id, a.principal_arn, a.event_time
    FROM asked a JOIN asked b ON b.account_id = a.account_id AND b.principal_arn = a.principal_arn
        AND b.event_time BETWEEN a.event_time AND a.event_time + INTERVAL 1 HOUR
    GROUP BY a.account_id, a.principal_arn, a.event_time
    HAVING count(DISTINCT b.event_name) >= 3
)
SELECT event_id
FROM acts
WHERE elsewhere AND (
    (event_source = 'ses.amazonaws.com' AND event_name IN (
        'UpdateAccountSendingEnabled', 'PutAccountDetails', 'PutAccountSendingAttributes', 'VerifyEmailIdentity',
        'VerifyDomainIdentity', 'CreateEmailIdentity', 'CreateSmtpCredential'))
    OR (event_source = 'sns.amazonaws.com' AND event_name IN ('SetSMSAttributes', 'CreateSMSSandboxPhoneNumber'))
    OR (event_source = 'sms-voice.amazonaws.com' AND event_name = 'RequestPhoneNumber'))
UNION
SELECT q.event_id
FROM asked q JOIN bursts b ON b.account_id = q.account_id AND b.principal_arn = q.principal_arn
    AND q.event_time BETWEEN b.event_time AND b.event_time + INTERVAL 1 HOUR
