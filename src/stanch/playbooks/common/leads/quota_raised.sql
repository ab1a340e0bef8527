SELECT event_id
FROM acts
WHERE elsewhere AND (
    (event_source = 'servicequotas.amazonaws.com' AND event_name = 'RequestServiceQuotaIncrease')
    OR (event_source = 'ec2.amazonaws.com' AND event_name IN ('PurchaseReservedInstancesOffering', 'PurchaseHostReservation'))
    OR (event_source = 'savingsplans.amazonaws.com' AND event_name = 'CreateSavingsPlan'))
