-- One process is one shipment: one to three inbound legs meet at a hub, one outbound leg goes on from there.
-- Only the plan is here (columns ending in _p, places, hops); what happened (_e) is in the milestones.
WITH numbered AS (
    -- The file's order is time. It has no dates: process i starts i hours after an invented origin.
    SELECT row_number() OVER () - 1 AS i, *
    FROM read_csv('c2k_data_comma.csv', nullstr = '', parallel = false)
),
totals AS (
    SELECT *, greatest(i1_planned, i2_planned, i3_planned) AS inbound_planned
    FROM (
        SELECT *,
            i1_rcs_p + i1_dep_1_p + i1_rcf_1_p + i1_dep_2_p + i1_rcf_2_p + i1_dep_3_p + i1_rcf_3_p +
            i1_dlv_p AS i1_planned,
            i2_rcs_p + i2_dep_1_p + i2_rcf_1_p + i2_dep_2_p + i2_rcf_2_p + i2_dep_3_p + i2_rcf_3_p +
            i2_dlv_p AS i2_planned,
            i3_rcs_p + i3_dep_1_p + i3_rcf_1_p + i3_dep_2_p + i3_rcf_2_p + i3_dep_3_p + i3_rcf_3_p +
            i3_dlv_p AS i3_planned,
            o_rcs_p + o_dep_1_p + o_rcf_1_p + o_dep_2_p + o_rcf_2_p + o_dep_3_p + o_rcf_3_p + o_dlv_p AS o_planned
        FROM numbered
    )
),
timed AS (
    SELECT *, TIMESTAMPTZ '2020-01-01 00:00:00+00' + to_hours(i) AS starts_at FROM totals
)
SELECT
    printf('p%04d', i) AS shipment_id,
    starts_at AS known_at,
    starts_at + to_minutes(inbound_planned + o_planned) AS planned_delivery_at,
    'air' AS mode,
    CAST(i1_dep_1_place AS VARCHAR) AS origin_id,
    CAST(CASE o_hops WHEN 1 THEN o_rcf_1_place WHEN 2 THEN o_rcf_2_place ELSE o_rcf_3_place END AS VARCHAR)
        AS destination_id,
    legs AS x_inbound_legs,
    inbound_planned AS x_inbound_planned_min,
    inbound_planned + o_planned AS x_planned_min,
    nullif(i1_rcs_p, 0) AS x_i1_rcs_min, nullif(i1_dep_1_p, 0) AS x_i1_dep_1_min,
    nullif(i1_rcf_1_p, 0) AS x_i1_rcf_1_min, nullif(i1_dep_2_p, 0) AS x_i1_dep_2_min,
    nullif(i1_rcf_2_p, 0) AS x_i1_rcf_2_min, nullif(i1_dep_3_p, 0) AS x_i1_dep_3_min,
    nullif(i1_rcf_3_p, 0) AS x_i1_rcf_3_min, nullif(i1_dlv_p, 0) AS x_i1_dlv_min,
    CAST(nullif(i1_dep_1_place, 0) AS VARCHAR) AS x_i1_dep_1_place,
    CAST(nullif(i1_rcf_1_place, 0) AS VARCHAR) AS x_i1_rcf_1_place,
    CAST(nullif(i1_dep_2_place, 0) AS VARCHAR) AS x_i1_dep_2_place,
    CAST(nullif(i1_rcf_2_place, 0) AS VARCHAR) AS x_i1_rcf_2_place,
    CAST(nullif(i1_dep_3_place, 0) AS VARCHAR) AS x_i1_dep_3_place,
    CAST(nullif(i1_rcf_3_place, 0) AS VARCHAR) AS x_i1_rcf_3_place,
    nullif(i1_planned, 0) AS x_i1_planned_min, nullif(i1_hops, 0) AS x_i1_hops,
    nullif(i2_rcs_p, 0) AS x_i2_rcs_min, nullif(i2_dep_1_p, 0) AS x_i2_dep_1_min,
    nullif(i2_rcf_1_p, 0) AS x_i2_rcf_1_min, nullif(i2_dep_2_p, 0) AS x_i2_dep_2_min,
    nullif(i2_rcf_2_p, 0) AS x_i2_rcf_2_min, nullif(i2_dep_3_p, 0) AS x_i2_dep_3_min,
    nullif(i2_rcf_3_p, 0) AS x_i2_rcf_3_min, nullif(i2_dlv_p, 0) AS x_i2_dlv_min,
    CAST(nullif(i2_dep_1_place, 0) AS VARCHAR) AS x_i2_dep_1_place,
    CAST(nullif(i2_rcf_1_place, 0) AS VARCHAR) AS x_i2_rcf_1_place,
    CAST(nullif(i2_dep_2_place, 0) AS VARCHAR) AS x_i2_dep_2_place,
    CAST(nullif(i2_rcf_2_place, 0) AS VARCHAR) AS x_i2_rcf_2_place,
    CAST(nullif(i2_dep_3_place, 0) AS VARCHAR) AS x_i2_dep_3_place,
    CAST(nullif(i2_rcf_3_place, 0) AS VARCHAR) AS x_i2_rcf_3_place,
    nullif(i2_planned, 0) AS x_i2_planned_min, nullif(i2_hops, 0) AS x_i2_hops,
    nullif(i3_rcs_p, 0) AS x_i3_rcs_min, nullif(i3_dep_1_p, 0) AS x_i3_dep_1_min,
    nullif(i3_rcf_1_p, 0) AS x_i3_rcf_1_min, nullif(i3_dep_2_p, 0) AS x_i3_dep_2_min,
    nullif(i3_rcf_2_p, 0) AS x_i3_rcf_2_min, nullif(i3_dep_3_p, 0) AS x_i3_dep_3_min,
    nullif(i3_rcf_3_p, 0) AS x_i3_rcf_3_min, nullif(i3_dlv_p, 0) AS x_i3_dlv_min,
    CAST(nullif(i3_dep_1_place, 0) AS VARCHAR) AS x_i3_dep_1_place,
    CAST(nullif(i3_rcf_1_place, 0) AS VARCHAR) AS x_i3_rcf_1_place,
    CAST(nullif(i3_dep_2_place, 0) AS VARCHAR) AS x_i3_dep_2_place,
    CAST(nullif(i3_rcf_2_place, 0) AS VARCHAR) AS x_i3_rcf_2_place,
    CAST(nullif(i3_dep_3_place, 0) AS VARCHAR) AS x_i3_dep_3_place,
    CAST(nullif(i3_rcf_3_place, 0) AS VARCHAR) AS x_i3_rcf_3_place,
    nullif(i3_planned, 0) AS x_i3_planned_min, nullif(i3_hops, 0) AS x_i3_hops,
    nullif(o_rcs_p, 0) AS x_o_rcs_min, nullif(o_dep_1_p, 0) AS x_o_dep_1_min,
    nullif(o_rcf_1_p, 0) AS x_o_rcf_1_min, nullif(o_dep_2_p, 0) AS x_o_dep_2_min,
    nullif(o_rcf_2_p, 0) AS x_o_rcf_2_min, nullif(o_dep_3_p, 0) AS x_o_dep_3_min,
    nullif(o_rcf_3_p, 0) AS x_o_rcf_3_min, nullif(o_dlv_p, 0) AS x_o_dlv_min,
    CAST(nullif(o_dep_1_place, 0) AS VARCHAR) AS x_o_dep_1_place,
    CAST(nullif(o_rcf_1_place, 0) AS VARCHAR) AS x_o_rcf_1_place,
    CAST(nullif(o_dep_2_place, 0) AS VARCHAR) AS x_o_dep_2_place,
    CAST(nullif(o_rcf_2_place, 0) AS VARCHAR) AS x_o_rcf_2_place,
    CAST(nullif(o_dep_3_place, 0) AS VARCHAR) AS x_o_dep_3_place,
    CAST(nullif(o_rcf_3_place, 0) AS VARCHAR) AS x_o_rcf_3_place,
    nullif(o_planned, 0) AS x_o_planned_min, nullif(o_hops, 0) AS x_o_hops
FROM timed
