-- A departure more than 15 minutes late raises an exception at scheduled departure + 15 min. Its impact is the
-- arrival delay (0 where the flight made it up), known when it has landed; a diverted flight stays unresolved.
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
    id || '-late' AS exception_id,
    'pickup_missed' AS kind,
    departs_at + INTERVAL 15 MINUTE AS raised_at,
    id AS shipment_id,
    origin AS site_id,
    carrier AS carrier_id,
    CASE WHEN hour BETWEEN 6 AND 13 THEN 'early' WHEN hour BETWEEN 14 AND 21 THEN 'late' ELSE 'night' END AS shift,
    -- greatest() would skip the missing delay of a diverted flight and say 0
    CASE WHEN arr_delay IS NOT NULL THEN CAST(greatest(arr_delay, 0) AS DOUBLE) END AS impact,
    arrives_at + to_minutes(arr_delay) AS resolved_at
FROM timed
WHERE dep_delay > 15
