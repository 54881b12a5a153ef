"""A small import in SQL: 700 shipments whose lateness, refusals and impact follow from carrier and kind."""

from pathlib import Path

MANIFEST = """
name = "small"
currency = "EUR"
late_after_min = 15
[severity]
impact_unit = "min"
thresholds = [20, 60, 120]
"""
SHIPMENTS = """
SELECT 's' || i AS shipment_id, TIMESTAMPTZ '2024-01-01 00:00Z' + INTERVAL (i * 30) MINUTE AS known_at,
       'o' || (hash(i) % 4) AS origin_id, 'd' || (hash(i + 9999) % 3) AS destination_id, 'c' || (i % 5) AS carrier_id,
       known_at + INTERVAL 2 HOUR AS planned_pickup_at, known_at + INTERVAL 10 HOUR AS planned_delivery_at,
       ['paper', 'ceramics', 'textiles'][1 + i % 3] AS x_goods, CAST(hash(i + 3) % 40 AS DOUBLE) AS x_pieces
FROM range(700) AS t(i)
"""
TENDERS = """
SELECT 't' || i AS tender_id, 's' || i AS shipment_id, 'c' || (i % 5) AS carrier_id,
       TIMESTAMPTZ '2024-01-01 00:00Z' + INTERVAL (i * 30) MINUTE AS offered_at,
       offered_at + INTERVAL 20 MINUTE AS outcome_at, 500.0 + hash(i + 5) % 100 AS price,
       CASE WHEN hash(i + 77) % 100 < 10 + 12 * (i % 5) THEN 'rejected' ELSE 'accepted' END AS outcome
FROM range(700) AS t(i)
"""
MILESTONES = """
WITH legs AS (
    SELECT i, TIMESTAMPTZ '2024-01-01 00:00Z' + INTERVAL (i * 30) MINUTE AS released,
           CAST(hash(i + 31) % 60 AS INTEGER) + 20 * (i % 5) - 40 AS delay_min
    FROM range(700) AS t(i)
)
SELECT 's' || i AS shipment_id, 'AF' AS code, released + INTERVAL (120 + delay_min // 2) MINUTE AS occurred_at FROM legs
UNION ALL
SELECT 's' || i, 'D1', released + INTERVAL (600 + delay_min) MINUTE FROM legs
"""
EXCEPTIONS = """
SELECT 'e' || i AS exception_id, 's' || i AS shipment_id,
       CASE WHEN i % 2 = 0 THEN 'eta_slip' ELSE 'customs_hold' END AS kind,
       TIMESTAMPTZ '2024-01-01 03:00Z' + INTERVAL (i * 30) MINUTE AS raised_at,
       raised_at + INTERVAL 8 HOUR AS resolved_at, CAST(hash(i + 13) % 100 + 50 * (i % 2) AS DOUBLE) AS impact
FROM range(700) AS t(i)
"""
SETTINGS = """
data = "var/data/small"
[training]
min_subjects = 50
max_trees = 20
threads = 1
"""


def make_source(folder: Path) -> Path:
    """Write the import."""
    folder.mkdir(parents=True)
    tables = {"shipments": SHIPMENTS, "tenders": TENDERS, "milestones": MILESTONES, "exceptions": EXCEPTIONS}
    (folder / "manifest.toml").write_text(MANIFEST)
    for name, sql in tables.items():
        (folder / f"{name}.sql").write_text(sql)
    return folder
