-- AF departed, D1 arrived, CA cancelled. A diverted flight has departed and has no arrival delay: it gets no
-- D1 and stays censored. The file does not say when a flight was cancelled; scheduled departure is the
-- latest moment at which it must have been known.
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
SELECT id AS shipment_id, 'x12-1650' AS code_list, 'AF' AS code, origin AS site_id,
    departs_at AS planned_at, departs_at + to_minutes(dep_delay) AS occurred_at
FROM timed WHERE dep_delay IS NOT NULL
UNION ALL
SELECT id, 'x12-1650', 'D1', dest, arrives_at, arrives_at + to_minutes(arr_delay)
FROM timed WHERE arr_delay IS NOT NULL
UNION ALL
SELECT id, 'x12-1650', 'CA', origin, NULL, departs_at
FROM timed WHERE dep_time IS NULL
