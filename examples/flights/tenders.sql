-- A proxy: nobody tendered these flights. Each counts as one offer to its own carrier at release, "accepted" by
-- departing and "rejected" by being cancelled.
WITH timed AS (
    SELECT *,
        time_hour + to_minutes(minute) AS departs_at,
        concat_ws('-', carrier, flight, origin,
            strftime(timezone('UTC', time_hour + to_minutes(minute)), '%Y%m%dT%H%MZ')) AS id
    FROM flights
)
SELECT
    id || '-1' AS tender_id,
    id AS shipment_id,
    carrier AS carrier_id,
    1 AS sequence,
    departs_at - INTERVAL 2 HOUR AS offered_at,
    CASE WHEN dep_time IS NULL THEN 'rejected' ELSE 'accepted' END AS outcome,
    departs_at + to_minutes(coalesce(dep_delay, 0)) AS outcome_at
FROM timed
