-- Local hour and weekday (0 = Monday) of the moments of the question and of the plan, and the nearest public holiday,
-- of two as near the coming one. Reads the table holidays (day), which the caller makes; empty where there is no country.

CREATE TABLE calendar AS
WITH local AS (
    SELECT moment, name, timezone(getvariable('timezone'), make_timestamptz(instant)) AS clock
    FROM (
        UNPIVOT (
            SELECT moment, asked.t AS as_of, planned_pickup_at, planned_delivery_at
            FROM asked JOIN record USING (moment)
        )
        ON as_of, planned_pickup_at, planned_delivery_at INTO NAME name VALUE instant
    )
),
nearest AS (
    SELECT moment, name, arg_min(since, 2 * abs(since) + (since > 0)::INT) AS days
    FROM (SELECT moment, name, clock::DATE - day AS since FROM local CROSS JOIN holidays)
    GROUP BY moment, name
)
SELECT moment, name || '_hour' AS name, hour(clock) + minute(clock) / 60 AS value FROM local
UNION ALL SELECT moment, name || '_weekday', isodow(clock) - 1 FROM local
UNION ALL SELECT moment, name || '_holiday', (days = 0)::INT FROM nearest
UNION ALL SELECT moment, name || '_to_holiday_d', greatest(-3, least(3, days)) FROM nearest;
