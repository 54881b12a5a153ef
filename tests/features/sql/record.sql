-- A record as known at a moment: the tender's or the exception's row, and where it says nothing the shipment's.
-- Reads asked (moment, model, subject_id, stage, t); moments of facts are named after them.

CREATE TABLE moments AS
SELECT moment,
    CASE model WHEN 'eta_risk' THEN 'shipment' WHEN 'tender_failure' THEN 'tender' ELSE 'exception' END AS kind,
    subject_id AS id, t
FROM asked
UNION ALL SELECT DISTINCT concat_ws(' ', 'shipment', shipment_id, t), 'shipment', shipment_id, t
FROM (
    SELECT shipment_id, known_at AS t FROM shipments
    UNION ALL SELECT shipment_id, known_at FROM milestones
)
UNION ALL SELECT DISTINCT concat_ws(' ', 'tender', tender_id, t), 'tender', tender_id, t
FROM (SELECT tender_id, begin AS t FROM offered UNION ALL SELECT tender_id, known FROM answers)
UNION ALL SELECT DISTINCT concat_ws(' ', 'exception', exception_id, known), 'exception', exception_id, known
FROM resolutions;

CREATE TABLE tender_rows AS
SELECT moment, t, tenders.* EXCLUDE (known_at, outcome, answered_at)
FROM moments ASOF JOIN tenders ON moments.id = tenders.tender_id AND moments.t >= tenders.known_at
WHERE moments.kind = 'tender';

CREATE TABLE exception_rows AS
SELECT moment, t, exceptions.* EXCLUDE (known_at, impact, settled_at)
FROM moments ASOF JOIN exceptions ON moments.id = exceptions.exception_id AND moments.t >= exceptions.known_at
WHERE moments.kind = 'exception';

CREATE TABLE shipment_rows AS
SELECT moment, t, shipments.* EXCLUDE (known_at)
FROM (
    SELECT moment, t, id AS shipment_id FROM moments WHERE kind = 'shipment'
    UNION ALL SELECT moment, t, shipment_id FROM tender_rows
    UNION ALL SELECT moment, t, shipment_id FROM exception_rows
) AS whose
ASOF JOIN shipments ON whose.shipment_id = shipments.shipment_id AND whose.t >= shipments.known_at;

CREATE TABLE record AS
SELECT moment, t, any_value(COLUMNS(lambda c: c NOT IN ('moment', 't', 'rank')) ORDER BY rank)
FROM (
    SELECT 0 AS rank, moment, t, CASE kind WHEN 'shipment' THEN id END AS shipment_id FROM moments
    UNION ALL BY NAME SELECT 1 AS rank, * FROM tender_rows
    UNION ALL BY NAME SELECT 1 AS rank, * FROM exception_rows
    UNION ALL BY NAME SELECT 2 AS rank, * FROM shipment_rows
)
GROUP BY moment, t;

-- Attributes of the user's own that are text: categories with a history of their own.
SET VARIABLE own_texts = (
    SELECT coalesce(list(column_name), []) FROM duckdb_columns()
    WHERE table_name = 'record' AND starts_with(column_name, 'x_') AND data_type = 'VARCHAR'
);

SET VARIABLE own_numbers = (
    SELECT coalesce(list(column_name), []) FROM duckdb_columns()
    WHERE table_name = 'record' AND starts_with(column_name, 'x_') AND data_type <> 'VARCHAR'
);
