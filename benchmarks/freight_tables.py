"""A written data set as freight people look at it: loads, offers by depth, stops, lanes, by SQL over Parquet."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from simulator.network.metros import LAT, LON, METROS, REGIONS
from store.dataset import open_dataset

TABLES = ("shipments", "tenders", "milestones", "exceptions", "sites", "carriers", "rates")
LATE_AFTER_MIN, PLANNED_UNLOADING_MIN = 30, 120

LOADS = """
CREATE TEMP TABLE loads AS
SELECT *, concat_ws('>', origin_id, destination_id, equipment) AS lane,
       date_diff('second', released_at, planned_pickup_at) / 3600.0 AS lead_h,
       last_value(x_appointment_moved_min) OVER whole AS moved_min
FROM shipments
WINDOW whole AS (PARTITION BY shipment_id ORDER BY known_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
QUALIFY row_number() OVER (PARTITION BY shipment_id ORDER BY known_at) = 1
"""
OFFERS = """
CREATE TEMP TABLE offers AS
SELECT t.*, l.lane, l.equipment, l.lane_class, l.x_spot_only = 1 AS spot_only, l.lead_h, l.distance_km,
       l.released_at, c.kind AS carrier_kind, r.region,
       outcome = 'accepted' AS accepted, outcome IN ('rejected', 'conditional', 'counter_proposal') AS refused,
       row_number() OVER (PARTITION BY t.shipment_id, t.contract ORDER BY t.sequence) AS depth,
       lead(offered_at) OVER (PARTITION BY t.shipment_id ORDER BY t.sequence) AS next_offered_at
FROM tenders AS t JOIN loads AS l USING (shipment_id) JOIN carriers AS c ON c.carrier_id = t.carrier_id
JOIN regions AS r ON r.site_id = l.origin_id
WHERE outcome NOT IN ('cancelled', 'open')
"""
FIRST = "CREATE TEMP VIEW first AS SELECT * FROM offers WHERE contract AND depth = 1"
COVERED = """
CREATE TEMP TABLE covered AS
SELECT shipment_id, count(*) AS tenders, count(*) FILTER (accepted) AS takers,
       any_value(spot_only) AS spot_only, any_value(distance_km) AS distance_km,
       arg_max(contract, sequence) AS contract, arg_max(price, sequence) AS price,
       any_value(price) FILTER (contract AND depth = 1) AS first_price,
       count(*) FILTER (NOT accepted AND contract) AS refusals
FROM offers GROUP BY shipment_id HAVING arg_max(accepted, sequence)
"""
REACHED = """
CREATE TEMP TABLE reached AS
WITH latest AS (SELECT shipment_id, code, arg_max(occurred_at, known_at) AS came_at FROM milestones GROUP BY ALL),
wide AS (
    SELECT shipment_id, max(came_at) FILTER (code = 'X3') AS arrived_at,
           max(came_at) FILTER (code = 'AF') AS departed_at,
           max(came_at) FILTER (code = 'X1') AS reached_at, max(came_at) FILTER (code = 'D1') AS delivered_at,
           max(came_at) FILTER (code = 'CA') AS cancelled_at
    FROM latest GROUP BY shipment_id
)
SELECT w.*, l.equipment, l.planned_pickup_at, l.planned_delivery_at,
       l.planned_delivery_at - to_minutes({unloading}) AS window_until,
       l.planned_delivery_at - to_minutes({unloading} + x_window_min::INT) AS window_from,
       l.planned_delivery_at - to_minutes({unloading} - moved_min::INT) AS agreed_until,
       delivered_at > l.planned_delivery_at + to_minutes({late}) AS late,
       w.shipment_id IN (SELECT shipment_id FROM exceptions WHERE kind = 'short_pick') AS short
FROM wide AS w JOIN loads AS l USING (shipment_id)
"""
STOPS = """
CREATE TEMP TABLE stops AS
SELECT equipment, date_diff('second', greatest(arrived_at, planned_pickup_at), departed_at) / 3600.0 AS dwell_h,
       'pickup' AS stop FROM reached WHERE arrived_at IS NOT NULL AND departed_at IS NOT NULL
UNION ALL
SELECT equipment, date_diff('second', greatest(reached_at, window_from), delivered_at) / 3600.0, 'delivery'
FROM reached WHERE reached_at IS NOT NULL AND delivered_at IS NOT NULL
"""
LANES = "CREATE TEMP TABLE lanes AS SELECT lane, count(*) AS loads FROM loads GROUP BY lane"


def freight_tables(folder: Path) -> duckdb.DuckDBPyConnection:
    """Tables of a data set and the views named above; nothing under its truth is opened."""
    data, base = duckdb.connect(), open_dataset(folder)
    data.execute("SET TimeZone = 'UTC'")
    for name in TABLES:
        files = [str(folder / file.path) for file in base.description.tables[name].files]
        data.read_parquet(files, union_by_name=True).create_view(name)
    data.register("regions", _regions(data.sql("SELECT site_id, lat, lon FROM sites").df()))
    reached = REACHED.format(unloading=PLANNED_UNLOADING_MIN, late=LATE_AFTER_MIN)
    for statement in (LOADS, OFFERS, FIRST, COVERED, reached, STOPS, LANES):
        data.execute(statement)
    return data


def _regions(sites: pd.DataFrame) -> pd.DataFrame:
    """Region of each site: that of the nearest metropolitan area."""
    away = np.hypot(sites["lat"].to_numpy()[:, None] - LAT, sites["lon"].to_numpy()[:, None] - LON)
    region = [REGIONS[METROS[nearest].region] for nearest in away.argmin(axis=1)]
    return pd.DataFrame({"site_id": sites["site_id"], "region": region})
