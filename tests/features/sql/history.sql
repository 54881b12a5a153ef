-- Decayed, shrunk means of what became known of an entity: (S + 10 m) / (N + 10), m the mean of the entity it leans on.

CREATE TABLE spoken (stream VARCHAR, value_name VARCHAR, fact VARCHAR, ordinal BIGINT, moment VARCHAR,
    known BIGINT, value DOUBLE);

INSERT INTO spoken
WITH delays AS (
    SELECT fact, known_at, moment, (occurred_at - planned_delivery_at) / 60e6 AS delay,
        coalesce(late_after_min, getvariable('late_after_min')) AS tolerated
    FROM milestones JOIN record ON moment = concat_ws(' ', 'shipment', milestones.shipment_id, known_at)
    WHERE code_list = 'x12-1650' AND code = 'D1'
)
SELECT 'deliveries', 'late', fact, known_at, moment, known_at, (delay > tolerated)::DOUBLE FROM delays
UNION ALL SELECT 'deliveries', 'delay', fact, known_at, moment, known_at, asinh(delay / 15) FROM delays
UNION ALL SELECT 'deliveries', 'delay_squared', fact, known_at, moment, known_at, asinh(delay / 15) ** 2 FROM delays;

INSERT INTO spoken
SELECT 'departures', 'departure', fact, known_at, moment, known_at,
    asinh((occurred_at - coalesce(planned_at, planned_pickup_at)) / 60e6 / 15)
FROM milestones JOIN record ON moment = concat_ws(' ', 'shipment', milestones.shipment_id, known_at)
WHERE code_list = 'x12-1650' AND code = 'AF';

INSERT INTO spoken
SELECT 'answers', 'failed', tender_id, known_at, concat_ws(' ', 'tender', tender_id, known), known, failed FROM answers;

INSERT INTO spoken
SELECT 'prices', 'log_price', tender_id, known_at, concat_ws(' ', 'tender', tender_id, known), known,
    CASE WHEN price > 0 THEN ln(price) END
FROM answers;

INSERT INTO spoken
SELECT 'leads', 'lead', shipment_id, known_at, concat_ws(' ', 'shipment', shipment_id, known_at), known_at,
    asinh((planned_pickup_at - released_at) / 60e6 / 15)
FROM shipments;

INSERT INTO spoken
WITH who AS (SELECT *, concat_ws(' ', 'exception', exception_id, known) AS moment FROM resolutions)
SELECT 'resolutions', 'impact', exception_id, known_at, moment, known, ln(1 + greatest(impact, 0)) FROM who
UNION ALL
SELECT 'resolutions', 'over_' || k, exception_id, known_at, moment, known,
    (impact > getvariable('thresholds')[k])::DOUBLE
FROM who CROSS JOIN range(1, len(getvariable('thresholds')) + 1) AS grades (k);

-- A version that was superseded before its value was known is never heard.
CREATE TABLE heard AS
SELECT *, first_value(known) OVER first AS first_known, first_value(moment) OVER first AS who
FROM (
    SELECT *, min(known) OVER (
            PARTITION BY stream, value_name, fact ORDER BY ordinal ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS superseded
    FROM spoken WHERE value IS NOT NULL
)
WHERE known < coalesce(superseded, known + 1)
WINDOW first AS (PARTITION BY stream, value_name, fact ORDER BY ordinal);

-- Each version holds from when it was known until the next one is; a correction after 90 days comes too late.
CREATE TABLE held AS
SELECT stream, value_name, who, first_known, value, known AS begin,
    coalesce(lead(known) OVER (PARTITION BY stream, value_name, fact ORDER BY ordinal), days(100000)) AS until
FROM heard
WHERE known - first_known <= days(90);

-- What is asked of each stream, and the entity that a mean leans on, at the same half-life.
CREATE TABLE leaning AS
WITH listed (stream, entity, half_lives, parent) AS (
    VALUES
    ('deliveries', 'carrier', [0.125, 7, 120], 'all'),
    ('deliveries', 'origin', [0.125, 7, 120], 'all'),
    ('deliveries', 'destination', [0.125, 7, 120], 'all'),
    ('deliveries', 'lane', [7, 120], 'origin'),
    ('deliveries', 'customer', [7, 120], 'all'),
    ('deliveries', 'carrier_x_lane', [120], 'carrier'),
    ('deliveries', 'equipment', [7, 120], 'all'),
    ('departures', 'origin', [0.125, 7], 'all'),
    ('departures', 'carrier', [0.125, 7], 'all'),
    ('departures', 'carrier_x_origin', [0.125], 'origin'),
    ('departures', 'destination', [0.125], 'all'),
    ('answers', 'carrier', [0.125, 7, 120], 'all'),
    ('answers', 'origin', [0.125, 7, 120], 'all'),
    ('answers', 'destination', [0.125, 7, 120], 'all'),
    ('answers', 'lane', [7, 120], 'origin'),
    ('answers', 'customer', [7, 120], 'all'),
    ('answers', 'carrier_x_lane', [120], 'carrier'),
    ('answers', 'equipment', [7, 120], 'all'),
    ('resolutions', 'kind', [7, 120], 'all'),
    ('resolutions', 'site', [7, 120], 'all'),
    ('resolutions', 'carrier', [7, 120], 'all'),
    ('resolutions', 'customer', [120], 'all'),
    ('resolutions', 'site_x_shift', [120], 'site')
),
own AS (
    SELECT stream, own_text, [120], 'all'
    FROM (SELECT DISTINCT stream FROM listed WHERE stream <> 'departures')
    CROSS JOIN unnest(getvariable('own_texts')) AS texts (own_text)
)
SELECT stream, entity, unnest(half_lives)::DOUBLE AS half_life, parent FROM (FROM listed UNION ALL FROM own);

CREATE TABLE told AS
WITH wanted AS (
    SELECT DISTINCT stream, entity, half_life FROM leaning
    UNION SELECT stream, 'all', unnest([0.125, 7, 120]) FROM leaning
)
SELECT held.* EXCLUDE (who), entity, key, half_life
FROM held JOIN entities ON held.who = entities.moment JOIN wanted USING (stream, entity);

CREATE TABLE sums AS
SELECT moment, stream, value_name, entity, half_life, sum(value * weight) AS s, sum(weight) AS n
FROM (
    SELECT asked.moment, stream, value_name, entity, half_life, value,
        pow(2, -(asked.t - first_known) / (half_life * days(1))) AS weight
    FROM asked JOIN entities USING (moment)
    JOIN told USING (entity, key)
    WHERE told.begin <= asked.t AND asked.t < told.until
)
GROUP BY ALL;

CREATE TABLE means AS
WITH RECURSIVE
steps AS (
    SELECT stream, entity, half_life, parent, half_life AS parent_half_life FROM leaning
    UNION SELECT stream, 'all', unnest([0.125, 7])::DOUBLE AS half_life, 'all', 120 AS parent_half_life FROM leaning
),
mean AS (
    SELECT moment, stream, value_name, entity, half_life, s / n AS value
    FROM sums WHERE entity = 'all' AND half_life = 120
    UNION ALL
    SELECT mean.moment, mean.stream, mean.value_name, steps.entity, steps.half_life,
        (coalesce(s, 0) + 10 * mean.value) / (coalesce(n, 0) + 10)
    FROM mean
    JOIN steps ON steps.stream = mean.stream AND steps.parent = mean.entity
        AND steps.parent_half_life = mean.half_life
    LEFT JOIN sums ON sums.moment = mean.moment AND sums.stream = mean.stream AND sums.value_name = mean.value_name
        AND sums.entity = steps.entity AND sums.half_life = steps.half_life
)
FROM mean;

-- The whole network's means over days are there to be leaned on only, and to hold those of failing against.
CREATE TABLE history AS
SELECT moment, concat(entity, '_', value_name, '_', printf('%g', half_life), 'd') AS name, value, stream, value_name
FROM means
WHERE value_name <> 'delay_squared' AND (entity <> 'all' OR half_life = 0.125)
    AND NOT (value_name = 'failed' AND half_life = 120)
UNION ALL
SELECT moment, concat(mean.entity, '_failed_excess_120d'), mean.value - network.value, stream, 'failed'
FROM means AS mean JOIN means AS network USING (moment, stream, value_name, half_life)
WHERE value_name = 'failed' AND half_life = 120 AND mean.entity <> 'all' AND network.entity = 'all'
UNION ALL
SELECT moment, concat(entity, '_delay_variance_120d'), greatest(square.value - mean.value ** 2, 0), stream, 'delay'
FROM means AS mean JOIN means AS square USING (moment, stream, entity, half_life)
WHERE mean.value_name = 'delay' AND square.value_name = 'delay_squared' AND entity IN ('carrier', 'lane') AND half_life = 120;
