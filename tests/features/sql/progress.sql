-- What the milestones and the offers of the shipment say so far.

-- The latest version seen of each milestone, in the order in which those versions became known.
CREATE TABLE seen AS
SELECT *, row_number() OVER (PARTITION BY moment ORDER BY known_at, code_list, code, stop) AS place,
    (occurred_at - planned_at) / 60e6 AS lateness
FROM (
    SELECT asked.moment, milestones.*
    FROM asked JOIN record USING (moment)
    JOIN milestones ON milestones.shipment_id = record.shipment_id AND milestones.known_at <= asked.t
    QUALIFY row_number() OVER (PARTITION BY asked.moment, fact ORDER BY milestones.known_at DESC) = 1
);

CREATE TABLE so_far AS
SELECT moment, count(*) AS milestones_known, max(known_at) AS last_known,
    arg_max(lateness, place) FILTER (lateness IS NOT NULL) AS last_lateness_min,
    arg_max(planned_at, place) FILTER (lateness IS NOT NULL) AS last_planned,
    max(lateness) AS worst_lateness_min, avg(lateness) AS mean_lateness_min
FROM seen GROUP BY moment;

-- The first departure from pickup that has a plan, and what came after it.
CREATE TABLE since_departure AS
WITH departure AS (
    FROM seen WHERE code_list = 'x12-1650' AND code = 'AF' AND lateness IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY moment ORDER BY place) = 1
)
SELECT moment, arg_max(later.lateness, later.place) - any_value(departure.lateness) AS lost_since_departure_min,
    arg_max(
        (later.occurred_at - departure.occurred_at) / (later.planned_at - departure.planned_at), later.place
    ) FILTER (later.planned_at > departure.planned_at) AS pace
FROM departure JOIN seen AS later USING (moment)
WHERE later.place > departure.place AND later.lateness IS NOT NULL
GROUP BY moment;

-- The answer of the latest version seen counts once it is known itself, while that version offers this shipment.
CREATE TABLE failed_offers AS
WITH ever AS (
    SELECT DISTINCT asked.moment, asked.t, record.shipment_id, tenders.tender_id
    FROM asked JOIN record USING (moment) JOIN tenders ON tenders.shipment_id = record.shipment_id
    WHERE NOT (asked.model = 'tender_failure' AND tenders.tender_id = asked.subject_id)
)
SELECT moment, count(*) AS offers_failed
FROM ever ASOF JOIN tenders ON ever.tender_id = tenders.tender_id AND ever.t >= tenders.known_at
WHERE tenders.shipment_id = ever.shipment_id AND tenders.answered_at <= ever.t
    AND tenders.outcome IN ('rejected', 'expired', 'conditional', 'counter_proposal')
GROUP BY moment;

CREATE TABLE progress AS
WITH projected AS (
    SELECT asked.moment, so_far.* EXCLUDE (moment), lost_since_departure_min, pace,
        (asked.t - last_known) / 60e6 AS silence_min,
        (asked.t - planned_delivery_at) / 60e6 AS overdue,
        (planned_delivery_at - last_planned) / 60e6 AS still_planned
    FROM asked JOIN record USING (moment)
    LEFT JOIN so_far USING (moment) LEFT JOIN since_departure USING (moment)
)
UNPIVOT (
    SELECT moment, coalesce(milestones_known, 0)::DOUBLE AS milestones_known, last_lateness_min, worst_lateness_min,
        mean_lateness_min, silence_min, lost_since_departure_min, pace,
        coalesce(offers_failed, 0)::DOUBLE AS offers_failed,
        greatest(coalesce(last_lateness_min, 0), overdue) AS projected_delay_min,
        CASE WHEN pace + still_planned IS NOT NULL
            THEN greatest(last_lateness_min + (pace - 1) * greatest(0, still_planned), overdue)
        END AS projected_at_pace_min
    FROM projected LEFT JOIN failed_offers USING (moment)
)
ON COLUMNS(* EXCLUDE (moment)) INTO NAME name VALUE value;
