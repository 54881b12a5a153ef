-- Text of the record, the stage, and the user's own categories.

CREATE TABLE categories AS
UNPIVOT (
    SELECT COLUMNS(lambda c: c = 'moment' OR list_contains(getvariable('own_texts'), c)),
        stage, carrier_id, origin_id, destination_id, customer_id, business_unit, mode, equipment,
        service_level, customer_tier, lane_class, kind, site_id, shift
    FROM asked JOIN record USING (moment)
)
ON COLUMNS(* EXCLUDE (moment)) INTO NAME name VALUE value;
