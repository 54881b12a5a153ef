-- One log entry is one exception. Times are local and carry no zone; entries in the hour that occurs twice go to
-- quarantine. The end is computed on a clock that does not jump, and a delay of 0 is known a minute later:
-- the log counts in minutes. "Min Gap" (to the next bus) is an outcome too and is left out.
SELECT
    printf('%06d', file_row_number) AS exception_id,
    CASE trim(Incident)
        WHEN 'Securitty' THEN 'Security'
        WHEN 'Utilizing Off Route' THEN 'Utilized Off Route'
        WHEN 'Collision - TTC Involved' THEN 'Collision - TTC'
        WHEN 'Road Block - Non-TTC Collision' THEN 'Road Blocked - NON-TTC Collision'
        WHEN 'Roadblock by Collision - Non-TTC' THEN 'Road Blocked - NON-TTC Collision'
        ELSE trim(Incident)
    END AS kind,
    ts AS raised_at,
    CASE WHEN hour(ts) BETWEEN 6 AND 13 THEN 'early' WHEN hour(ts) BETWEEN 14 AND 21 THEN 'late' ELSE 'night' END AS shift,
    "Min Delay" AS impact,
    timezone('America/Toronto', ts) + to_minutes(CAST("Min Delay" AS BIGINT)) AS resolved_at,
    timezone('America/Toronto', ts) + to_minutes(CAST(greatest("Min Delay", 1) AS BIGINT)) AS resolved_known_at,
    nullif(trim(Route), '') AS x_route,
    -- E, E/B and EB are one direction; B is both ways; anything else is a slip of the pen
    nullif(regexp_extract(upper(trim(Direction)), '^[NESWB]'), '') AS x_direction,
    nullif(regexp_replace(trim(Vehicle), '\.0$', ''), '0') AS x_vehicle,
    upper(trim(Location)) AS x_location
FROM read_parquet('ttc_bus_delay_2020_2021.parquet', file_row_number = true)
