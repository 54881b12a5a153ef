-- The newest reading known at the places of a record.

-- A reading of something older than what was known before it is no news.
CREATE TABLE news AS
SELECT place_id, name, value, known_at
FROM (
    SELECT *, max(observed_at) OVER (
            PARTITION BY place_id, name ORDER BY known_at, observed_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS newest
    FROM signals
)
WHERE observed_at >= coalesce(newest, observed_at)
QUALIFY row_number() OVER (PARTITION BY place_id, name, known_at ORDER BY observed_at DESC) = 1;

CREATE TABLE readings AS
WITH places AS (
    UNPIVOT (
        SELECT moment, origin_id AS origin, destination_id AS destination, site_id AS site
        FROM asked JOIN record USING (moment)
    )
    ON origin, destination, site INTO NAME role VALUE place_id
),
wanted AS (
    SELECT moment, asked.t, role, place_id, name
    FROM places JOIN asked USING (moment) JOIN (SELECT DISTINCT place_id, name FROM news) USING (place_id)
)
SELECT moment, role || '_signal_' || wanted.name AS name, value
FROM wanted ASOF JOIN news
    ON wanted.place_id = news.place_id AND wanted.name = news.name AND wanted.t >= news.known_at;
