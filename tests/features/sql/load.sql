-- What is in the network at a moment: intervals [begin, until) of an entity, counted; and offers against the usual.

CREATE TABLE intervals AS
SELECT 'open' AS what, concat_ws(' ', 'shipment', shipment_id, known_at) AS moment, known_at AS begin,
    least(
        lead(known_at) OVER (PARTITION BY shipment_id ORDER BY known_at), ended_at,
        greatest(known_at, planned_delivery_at) + days(30)
    ) AS until
FROM shipments LEFT JOIN ends USING (shipment_id)
UNION ALL
SELECT 'unanswered', concat_ws(' ', 'tender', tender_id, begin), begin, least(answered, begin + days(30))
FROM offered;

CREATE TABLE counted (entity VARCHAR, what VARCHAR);
INSERT INTO counted VALUES
    ('carrier', 'open'), ('lane', 'open'), ('origin', 'open'), ('destination', 'open'),
    ('destination_x_planned_delivery_hour', 'planned'), ('origin_x_planned_pickup_hour', 'planned'),
    ('carrier', 'unanswered'), ('lane', 'unanswered');

CREATE TABLE taken AS
SELECT entity, key, counted.what, begin, until
FROM intervals JOIN entities USING (moment) JOIN counted USING (entity)
WHERE intervals.what = CASE counted.what WHEN 'planned' THEN 'open' ELSE counted.what END;

CREATE TABLE there AS
SELECT moment, entity, what, count(*) FILTER (t < until) AS number,
    sum(pow(2, -(t - begin) / days(28))) AS begun
FROM asked JOIN entities USING (moment) JOIN taken USING (entity, key)
WHERE begin <= t AND begin <= until
GROUP BY ALL;

CREATE TABLE offers_of AS
SELECT entity, key, begin
FROM offered JOIN entities ON moment = concat_ws(' ', 'tender', tender_id, begin)
WHERE entity IN ('carrier', 'lane');

CREATE TABLE offers AS
SELECT moment, entity, sum(pow(2, -(t - begin) / days(1))) AS lately, sum(pow(2, -(t - begin) / days(28))) AS usually
FROM asked JOIN entities USING (moment) JOIN offers_of USING (entity, key)
WHERE begin <= t
GROUP BY ALL;

CREATE TABLE load AS
SELECT moment, entity || CASE WHEN what = 'planned' THEN '_shared' ELSE '_' || what || '_surge' END AS name,
    CASE WHEN what = 'planned' THEN coalesce(number, 0)::DOUBLE
        ELSE (coalesce(number, 0) + 1) / (coalesce(begun, 0) + 1) END AS value
FROM asked CROSS JOIN counted LEFT JOIN there USING (moment, entity, what)
UNION ALL
SELECT moment, entity || '_offers_surge', (coalesce(lately, 0) + 1) / (coalesce(usually, 0) / 28 + 1)
FROM asked CROSS JOIN (VALUES ('carrier'), ('lane')) AS surging (entity) LEFT JOIN offers USING (moment, entity);
