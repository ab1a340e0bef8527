SELECT event_id
FROM acts
WHERE elsewhere AND event_source = 'servicequotas.amazonaws.com' AND event_name = 'RequestServiceQuotaIncrease'
