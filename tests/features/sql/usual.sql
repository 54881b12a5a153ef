-- An offer against what its lane is used to: plain decayed means, the lane's own events only.

CREATE TABLE usual_of AS
SELECT asked.moment, stream, sum(value * weight) / sum(weight) AS mean
FROM (
    SELECT moments.moment, stream, value, pow(2, -(moments.t - first_known) / (120 * days(1))) AS weight
    FROM asked AS moments JOIN entities AS mine ON mine.moment = moments.moment AND mine.entity = 'lane'
    JOIN entities AS theirs ON theirs.entity = 'lane' AND theirs.key = mine.key
    JOIN held ON held.who = theirs.moment
    WHERE stream IN ('prices', 'leads') AND held.begin <= moments.t AND moments.t < held.until
) AS asked
GROUP BY ALL;

CREATE TABLE usual AS
WITH own AS (
    SELECT moment, ln(CASE WHEN price > 0 THEN price END) AS log_price,
        asinh((planned_pickup_at - released_at) / 60e6 / 15) AS lead
    FROM asked JOIN record USING (moment)
    WHERE model = 'tender_failure'
)
SELECT moment, 'price_vs_lane' AS name, log_price - mean AS value FROM own JOIN usual_of USING (moment) WHERE stream = 'prices'
UNION ALL SELECT moment, 'lane_lead', mean FROM own JOIN usual_of USING (moment) WHERE stream = 'leads'
UNION ALL SELECT moment, 'lead_vs_lane', lead - mean FROM own JOIN usual_of USING (moment) WHERE stream = 'leads';
