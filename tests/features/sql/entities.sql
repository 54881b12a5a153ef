-- The entities that a record belongs to: one row for each whose parts are all known.

CREATE TABLE entities AS
WITH parts AS (
    SELECT *, origin_id || ' → ' || destination_id AS lane_id,
        (planned_delivery_at // 3600000000)::VARCHAR AS delivery_hour,
        (planned_pickup_at // 3600000000)::VARCHAR AS pickup_hour
    FROM record
)
UNPIVOT (
    SELECT COLUMNS(lambda c: c = 'moment' OR list_contains(getvariable('own_texts'), c)),
        'the whole network' AS "all", carrier_id AS carrier, origin_id AS origin,
        destination_id AS destination, lane_id AS lane, customer_id AS customer, equipment, kind, site_id AS site,
        carrier_id || ' by ' || lane_id AS carrier_x_lane,
        carrier_id || ' from ' || origin_id AS carrier_x_origin,
        site_id || ' in ' || shift AS site_x_shift,
        destination_id || ' at ' || delivery_hour AS destination_x_planned_delivery_hour,
        origin_id || ' at ' || pickup_hour AS origin_x_planned_pickup_hour
    FROM parts
)
ON COLUMNS(* EXCLUDE (moment)) INTO NAME entity VALUE key;
