-- A proxy: a booking is an offer to the pool of cars, rejected where none was available. That is known at pickup at
-- the latest; the seven bookings entered after their pickup were known a minute after they were entered.
WITH bookings AS (
    SELECT *,
        strptime(booking_created, '%m/%d/%y %H:%M') AS created,
        strptime(from_date, '%m/%d/%y %H:%M') AS pickup
    FROM read_csv('taxi_cancellations_first70.csv', parallel = false)
)
SELECT
    CAST("row#" AS VARCHAR) AS tender_id,
    CAST("row#" AS VARCHAR) AS shipment_id,
    1 AS sequence,
    created AS offered_at,
    if(Car_Cancellation = 1, 'rejected', 'accepted') AS outcome,
    greatest(pickup, created + INTERVAL 1 MINUTE) AS outcome_at
FROM bookings
