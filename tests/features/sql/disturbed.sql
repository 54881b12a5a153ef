-- The same network, badly kept: later corrections, late knowledge, equal moments, gaps. Reads the views raw_<table>.

CREATE MACRO one_in(number, key, why) AS hash(concat(key, why)) % number = 0;
CREATE MACRO some_hours(number, key, why) AS
    to_microseconds((hash(concat(key, why, 'h')) % (number * 3600000000)::UBIGINT)::BIGINT);

-- A plan that moves, or loses a part of what it said; now and then in place of the last version.
CREATE TABLE shipments AS
WITH gaps AS (
    SELECT * REPLACE (
        CASE WHEN NOT one_in(11, shipment_id, 'delivery') THEN planned_delivery_at END AS planned_delivery_at,
        CASE WHEN NOT one_in(13, shipment_id, 'pickup') THEN planned_pickup_at END AS planned_pickup_at,
        CASE WHEN NOT one_in(17, shipment_id, 'destination') THEN destination_id END AS destination_id,
        CASE WHEN NOT one_in(19, shipment_id, 'note') THEN x_note END AS x_note,
        CASE WHEN NOT one_in(3, shipment_id, 'tolerance') THEN hash(shipment_id) % 90 END::DOUBLE AS late_after_min
    )
    FROM raw_shipments
),
changed AS (
    SELECT * REPLACE (
        known_at + some_hours(400, shipment_id, 'changed') AS known_at,
        CASE WHEN NOT one_in(3, shipment_id, 'blank')
            THEN planned_delivery_at + some_hours(30, shipment_id, 'moved') END AS planned_delivery_at,
        planned_pickup_at + some_hours(90, shipment_id, 'pushed') AS planned_pickup_at,
        CASE WHEN one_in(3, shipment_id, 'carrier') THEN 'CARRIER01'
            WHEN NOT one_in(3, shipment_id, 'none') THEN carrier_id END AS carrier_id,
        CASE WHEN NOT one_in(4, shipment_id, 'distance') THEN distance_km END AS distance_km
    )
    FROM gaps WHERE one_in(3, shipment_id, 'correct')
    QUALIFY row_number() OVER (PARTITION BY shipment_id ORDER BY known_at DESC) = 1
)
FROM gaps UNION ALL BY NAME FROM changed;

-- Codes of another list, a second stop, gaps in the plan; known four times a day, so that moments coincide.
CREATE TABLE milestones AS
WITH gaps AS (
    SELECT * REPLACE (
        CASE WHEN one_in(9, shipment_id, 'list') AND code = 'X6' THEN 'own' ELSE code_list END AS code_list,
        CASE WHEN one_in(9, shipment_id, 'list') AND code = 'X6' THEN 'D1' ELSE code END AS code,
        CASE WHEN NOT one_in(7, concat(shipment_id, code), 'planned') THEN planned_at END AS planned_at,
        CASE WHEN one_in(3, shipment_id, 'whole') THEN time_bucket(INTERVAL 6 HOUR, known_at) + INTERVAL 6 HOUR
            ELSE known_at END AS known_at
    ),
    CASE WHEN one_in(4, concat(shipment_id, code), 'stop') THEN '2' END AS stop
    FROM raw_milestones
),
changed AS (
    SELECT * REPLACE (
        known_at + some_hours(if(one_in(4, concat(shipment_id, code), 'much later'), 2600, 90), shipment_id, code)
            AS known_at,
        occurred_at - INTERVAL 7 HOUR + some_hours(20, shipment_id, code) AS occurred_at,
        CASE WHEN NOT one_in(5, concat(shipment_id, code), 'unplanned') THEN planned_at + INTERVAL 40 MINUTE END
            AS planned_at
    )
    FROM gaps WHERE one_in(3, concat(shipment_id, code), 'correct')
)
FROM (FROM gaps UNION ALL BY NAME FROM changed)
QUALIFY row_number() OVER (PARTITION BY shipment_id, code_list, code, stop, known_at ORDER BY occurred_at) = 1;

-- Answers that are taken back or corrected, offers of no shipment, offers that move to another carrier.
CREATE TABLE tenders AS
WITH gaps AS (
    SELECT * REPLACE (
        CASE WHEN NOT one_in(23, tender_id, 'shipment') THEN shipment_id END AS shipment_id,
        CASE WHEN NOT one_in(9, tender_id, 'carrier') THEN carrier_id END AS carrier_id,
        CASE WHEN NOT one_in(9, tender_id, 'known') THEN outcome_known_at END AS outcome_known_at
    )
    FROM raw_tenders
),
changed AS (
    SELECT * REPLACE (
        coalesce(outcome_known_at, outcome_at, known_at)
            + some_hours(if(one_in(4, tender_id, 'much later'), 2600, 200), tender_id, 'changed') AS known_at,
        CASE hash(tender_id) % 5 WHEN 0 THEN 'accepted' WHEN 1 THEN 'rejected' WHEN 2 THEN 'cancelled' ELSE outcome END
            AS outcome,
        coalesce(outcome_at, known_at) + some_hours(2, tender_id, 'outcome') AS outcome_at,
        coalesce(outcome_at, known_at) + some_hours(300, tender_id, 'outcome known') + INTERVAL 2 HOUR
            AS outcome_known_at,
        CASE WHEN one_in(3, tender_id, 'moved') THEN 'CARRIER02' ELSE carrier_id END AS carrier_id
    )
    FROM gaps WHERE one_in(3, tender_id, 'correct')
)
FROM gaps UNION ALL BY NAME FROM changed;

-- Impacts that are settled anew, below nothing too; exceptions of no shipment, no shift, no site.
CREATE TABLE exceptions AS
WITH gaps AS (
    SELECT * REPLACE (
        CASE WHEN NOT one_in(9, exception_id, 'shipment') THEN shipment_id END AS shipment_id,
        CASE WHEN NOT one_in(5, exception_id, 'shift') THEN shift END AS shift,
        CASE WHEN NOT one_in(11, exception_id, 'site') THEN site_id END AS site_id,
        CASE WHEN NOT one_in(4, exception_id, 'carrier') THEN carrier_id END AS carrier_id,
        CASE WHEN NOT one_in(4, exception_id, 'note') THEN x_note END AS x_note,
        CASE WHEN one_in(13, exception_id, 'below') THEN -impact ELSE impact END AS impact
    )
    FROM raw_exceptions
),
changed AS (
    SELECT * REPLACE (
        coalesce(resolved_known_at, resolved_at, known_at)
            + some_hours(if(one_in(4, exception_id, 'much later'), 2600, 200), exception_id, 'changed') AS known_at,
        CASE WHEN NOT one_in(6, exception_id, 'none') THEN impact * 1.7 END AS impact,
        CASE WHEN one_in(3, exception_id, 'moved') THEN 'SITE01' ELSE site_id END AS site_id
    )
    FROM gaps WHERE one_in(3, exception_id, 'correct')
)
FROM gaps UNION ALL BY NAME FROM changed;

-- Readings that arrive after newer ones, and readings of the same moment taken anew.
CREATE TABLE signals AS
WITH late AS (
    SELECT * REPLACE (
        known_at + if(one_in(5, concat(place_id, observed_at), name), some_hours(100, place_id, observed_at),
            INTERVAL 0 HOUR) AS known_at
    )
    FROM raw_signals
),
changed AS (
    SELECT * REPLACE (known_at + some_hours(30, place_id, observed_at) AS known_at, value + 1 AS value)
    FROM late WHERE one_in(5, concat(place_id, name, observed_at), 'correct')
)
FROM (FROM late UNION ALL FROM changed)
QUALIFY row_number() OVER (PARTITION BY place_id, name, observed_at, known_at ORDER BY value) = 1;
