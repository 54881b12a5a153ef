-- The plan as recorded, and what follows from it.

CREATE TABLE plan AS
WITH planned AS (
    SELECT record.*, (planned_delivery_at - planned_pickup_at) / 60e6 AS planned_duration_min
    FROM asked JOIN record USING (moment)
)
UNPIVOT (
    SELECT COLUMNS(lambda c: c = 'moment' OR list_contains(getvariable('own_numbers'), c)),
        distance_km, weight_kg, volume_m3, value, late_after_min, late_penalty, sequence, price, contract,
        planned_duration_min,
        planned_duration_min - distance_km / 80 * 60 AS slack_min,
        (planned_pickup_at - t) / 60e6 AS to_pickup_min,
        (planned_delivery_at - t) / 60e6 AS to_delivery_min,
        (respond_by - t) / 60e6 AS answer_time_min,
        CASE WHEN planned_duration_min > 0 THEN 60 * distance_km / planned_duration_min END AS planned_speed_kmh,
        price / distance_km AS price_per_km
    FROM planned
)
ON COLUMNS(* EXCLUDE (moment)) INTO NAME name VALUE value;
