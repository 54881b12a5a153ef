-- One leg is one shipment. An outbound leg starts when the last inbound leg was delivered to the hub, and counts as
-- known from then: its dates hang on that moment, so stating them earlier would tell how the inbound legs went.
WITH numbered AS (
    -- The file's order is time. It has no dates: process i starts i hours after an invented origin.
    SELECT row_number() OVER () - 1 AS i, *
    FROM read_csv('c2k_data_comma.csv', nullstr = '', parallel = false)
),
legs AS (
    SELECT i, legs AS inbound, 'i1' AS leg, COLUMNS('^i1_(.*)$') AS '\1' FROM numbered
    UNION ALL BY NAME
    SELECT i, legs AS inbound, 'i2' AS leg, COLUMNS('^i2_(.*)$') AS '\1' FROM numbered WHERE i2_hops > 0
    UNION ALL BY NAME
    SELECT i, legs AS inbound, 'i3' AS leg, COLUMNS('^i3_(.*)$') AS '\1' FROM numbered WHERE i3_hops > 0
    UNION ALL BY NAME
    SELECT i, legs AS inbound, 'o' AS leg, COLUMNS('^o_(.*)$') AS '\1' FROM numbered
),
checkpoints AS (
    -- 0 and empty mean "no such checkpoint".
    SELECT i, leg, unnest([
        {step: 1, code: 'RCS', hop: 0, place: NULL, p: rcs_p, e: rcs_e},
        {step: 2, code: 'DEP', hop: 1, place: dep_1_place, p: dep_1_p, e: dep_1_e},
        {step: 3, code: 'RCF', hop: 1, place: rcf_1_place, p: rcf_1_p, e: rcf_1_e},
        {step: 4, code: 'DEP', hop: 2, place: dep_2_place, p: dep_2_p, e: dep_2_e},
        {step: 5, code: 'RCF', hop: 2, place: rcf_2_place, p: rcf_2_p, e: rcf_2_e},
        {step: 6, code: 'DEP', hop: 3, place: dep_3_place, p: dep_3_p, e: dep_3_e},
        {step: 7, code: 'RCF', hop: 3, place: rcf_3_place, p: rcf_3_p, e: rcf_3_e},
        {step: 8, code: 'DLV', hop: 0, place: NULL, p: dlv_p, e: dlv_e}
    ], recursive := true)
    FROM legs
),
reached AS (
    SELECT i, leg, step, code, hop, place,
        CAST(sum(p) OVER so_far AS BIGINT) AS planned_min, CAST(sum(e) OVER so_far AS BIGINT) AS taken_min
    FROM checkpoints
    WHERE p > 0
    WINDOW so_far AS (PARTITION BY i, leg ORDER BY step)
),
hub AS (
    SELECT i, max(taken_min) AS taken_min FROM reached WHERE leg <> 'o' GROUP BY i
),
timed AS (
    SELECT legs.*, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_hours(i)
            + to_minutes(if(leg = 'o', hub.taken_min, 0)) AS starts_at,
        planned_min
    FROM legs
    JOIN hub USING (i)
    JOIN reached USING (i, leg)
    WHERE code = 'DLV'
)
SELECT
    printf('p%04d-', i) || leg AS shipment_id,
    starts_at AS known_at,
    starts_at + to_minutes(planned_min) AS planned_delivery_at,
    'air' AS mode,
    CAST(dep_1_place AS VARCHAR) AS origin_id,
    CAST(CASE hops WHEN 1 THEN rcf_1_place WHEN 2 THEN rcf_2_place ELSE rcf_3_place END AS VARCHAR)
        AS destination_id,
    if(leg = 'o', 'outbound', 'inbound') AS x_leg_kind,
    inbound AS x_inbound_legs,
    hops AS x_hops,
    planned_min AS x_planned_min,
    nullif(rcs_p, 0) AS x_rcs_min, nullif(dep_1_p, 0) AS x_dep_1_min, nullif(rcf_1_p, 0) AS x_rcf_1_min,
    nullif(dep_2_p, 0) AS x_dep_2_min, nullif(rcf_2_p, 0) AS x_rcf_2_min, nullif(dep_3_p, 0) AS x_dep_3_min,
    nullif(rcf_3_p, 0) AS x_rcf_3_min, nullif(dlv_p, 0) AS x_dlv_min,
    CAST(nullif(dep_1_place, 0) AS VARCHAR) AS x_dep_1_place,
    CAST(nullif(rcf_1_place, 0) AS VARCHAR) AS x_rcf_1_place,
    CAST(nullif(dep_2_place, 0) AS VARCHAR) AS x_dep_2_place,
    CAST(nullif(rcf_2_place, 0) AS VARCHAR) AS x_rcf_2_place,
    CAST(nullif(dep_3_place, 0) AS VARCHAR) AS x_dep_3_place,
    CAST(nullif(rcf_3_place, 0) AS VARCHAR) AS x_rcf_3_place
FROM timed
