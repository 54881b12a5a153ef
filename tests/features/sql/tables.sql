-- The tables as recorded: canonical columns whether given or not, moments in µs since 1970 (UTC), known times filled in.
-- Reads the views raw_<table> that the caller makes over the Parquet files.

CREATE MACRO us(moment) AS epoch_us(moment);
CREATE MACRO days(number) AS number * 86400000000;

-- Empty: columns that a data set need not have.
CREATE TABLE of_shipments (
    origin_id VARCHAR, destination_id VARCHAR, customer_id VARCHAR, carrier_id VARCHAR, business_unit VARCHAR,
    mode VARCHAR, equipment VARCHAR, service_level VARCHAR, customer_tier VARCHAR, lane_class VARCHAR,
    released_at TIMESTAMPTZ, planned_pickup_at TIMESTAMPTZ, planned_delivery_at TIMESTAMPTZ,
    distance_km DOUBLE, weight_kg DOUBLE, volume_m3 DOUBLE, value DOUBLE, late_after_min DOUBLE, late_penalty DOUBLE
);
CREATE TABLE of_tenders (
    shipment_id VARCHAR, carrier_id VARCHAR, sequence DOUBLE, respond_by TIMESTAMPTZ, price DOUBLE, contract BOOLEAN,
    known_at TIMESTAMPTZ, outcome_at TIMESTAMPTZ, outcome_known_at TIMESTAMPTZ, reason_list VARCHAR, reason VARCHAR
);
CREATE TABLE of_exceptions (
    shipment_id VARCHAR, site_id VARCHAR, customer_id VARCHAR, carrier_id VARCHAR, shift VARCHAR, impact DOUBLE,
    known_at TIMESTAMPTZ, resolved_at TIMESTAMPTZ, resolved_known_at TIMESTAMPTZ, resolved_by VARCHAR
);
CREATE TABLE of_milestones (code_list VARCHAR, stop VARCHAR, known_at TIMESTAMPTZ, planned_at TIMESTAMPTZ);

CREATE TABLE shipments AS
SELECT * REPLACE (
        us(known_at) AS known_at,
        us(released_at) AS released_at,
        us(planned_pickup_at) AS planned_pickup_at,
        us(planned_delivery_at) AS planned_delivery_at
    )
FROM (FROM of_shipments UNION ALL BY NAME FROM raw_shipments);

-- The answer and the impact stand beside the moment at which they became known.
CREATE TABLE tenders AS
SELECT * EXCLUDE (offered_at, outcome_at, outcome_known_at, reason_list, reason) REPLACE (
        us(coalesce(known_at, offered_at)) AS known_at,
        us(respond_by) AS respond_by,
        coalesce(outcome, 'open') AS outcome,
        contract::DOUBLE AS contract
    ),
    us(coalesce(outcome_known_at, outcome_at)) AS answered_at
FROM (FROM of_tenders UNION ALL BY NAME FROM raw_tenders);

CREATE TABLE exceptions AS
SELECT * EXCLUDE (raised_at, resolved_at, resolved_by, resolved_known_at)
        REPLACE (us(coalesce(known_at, raised_at)) AS known_at),
    us(coalesce(resolved_known_at, resolved_at)) AS settled_at
FROM (FROM of_exceptions UNION ALL BY NAME FROM raw_exceptions);

CREATE TABLE milestones AS
SELECT shipment_id, coalesce(code_list, 'x12-1650') AS code_list, code, stop,
    concat_ws('|', shipment_id, coalesce(code_list, 'x12-1650'), code, stop) AS fact,
    us(coalesce(known_at, occurred_at)) AS known_at, us(occurred_at) AS occurred_at, us(planned_at) AS planned_at
FROM (FROM of_milestones UNION ALL BY NAME FROM raw_milestones);

CREATE TABLE signals AS
SELECT place_id, name, value, us(observed_at) AS observed_at, us(coalesce(known_at, observed_at)) AS known_at
FROM raw_signals;
