-- The checkpoints of each leg, counted from its own start; D1 stands for its DLV.
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
    SELECT reached.*, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_hours(i)
            + to_minutes(if(leg = 'o', hub.taken_min, 0)) AS starts_at
    FROM reached
    JOIN hub USING (i)
)
SELECT
    printf('p%04d-', i) || leg AS shipment_id,
    if(code = 'DLV', 'x12-1650', 'cargo2000') AS code_list,
    if(code = 'DLV', 'D1', code) AS code,
    if(hop = 0, NULL, CAST(hop AS VARCHAR)) AS stop,
    CAST(place AS VARCHAR) AS site_id,
    starts_at + to_minutes(planned_min) AS planned_at,
    starts_at + to_minutes(taken_min) AS occurred_at
FROM timed
