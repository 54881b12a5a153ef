-- One flight is one shipment. The tail number is left out, with all that hangs on it: it is assigned late and
-- is missing for cancelled flights only, so it tells the outcome.
-- Scheduled arrival is a clock time at the destination without a date. Its day is the one that makes the
-- planned block time nearest to distance at 460 mph plus 45 minutes of taxi and climb; the day is counted on
-- the destination's calendar and only then converted, so that nights of a clock change come out right.
WITH departures AS (
    SELECT f.*,
        f.time_hour + to_minutes(f.minute) AS departs_at,
        -- The airports file lacks BQN, PSE, SJU and STT: Puerto Rico and the Virgin Islands, UTC-4 all year.
        CASE WHEN f.dest IN ('BQN', 'PSE', 'SJU') THEN 'America/Puerto_Rico'
             WHEN f.dest = 'STT' THEN 'America/St_Thomas'
             ELSE a.tzone END AS zone
    FROM flights f
    LEFT JOIN read_csv('airports.csv', nullstr = 'NA') a ON a.faa = f.dest
),
same_day AS (
    SELECT *,
        CAST(timezone(zone, departs_at) AS DATE)
            + make_time(sched_arr_time // 100, sched_arr_time % 100, 0) AS clock
    FROM departures
),
timed AS (
    SELECT *,
        timezone(zone, clock + to_days(CAST(round(
            (distance / 460.0 * 60 + 45 - date_diff('minute', departs_at, timezone(zone, clock))) / 1440.0
        ) AS INTEGER))) AS arrives_at,
        concat_ws('-', carrier, flight, origin, strftime(timezone('UTC', departs_at), '%Y%m%dT%H%MZ')) AS id
    FROM same_day
)
SELECT
    id AS shipment_id,
    departs_at - INTERVAL 720 HOUR AS known_at,      -- the schedule is published 30 days ahead (assumed)
    departs_at - INTERVAL 2 HOUR AS released_at,     -- dispatch looks at it two hours before departure (assumed)
    departs_at AS planned_pickup_at,
    arrives_at AS planned_delivery_at,
    carrier AS carrier_id,
    origin AS origin_id,
    dest AS destination_id,
    'air' AS mode,
    CAST(distance * 1.609344 AS DOUBLE) AS distance_km,
    carrier || flight AS x_flight_number
FROM timed
