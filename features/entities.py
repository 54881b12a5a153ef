"""What is remembered of whom: the streams of facts, and the entities whose decayed sums are kept."""

from dataclasses import dataclass

from domain.predictions import ModelName

SHORT_DAYS, MIDDLE_DAYS, LONG_DAYS = 0.125, 7.0, 120.0
DAY_DAYS, MONTH_DAYS = 1.0, 28.0
EVER = 0.0
"""Half-life of what does not decay: a plain count."""
RECENT_AND_LONG = (MIDDLE_DAYS, LONG_DAYS)


@dataclass(frozen=True)
class Entity:
    """Columns that identify an entity, the half-lives shown of it, and the entity it is shrunk toward."""

    key: tuple[str, ...]
    half_lives_days: tuple[float, ...]
    parent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it appears in column names; the whole network has no key."""
        return "_x_".join(part.removesuffix("_id") for part in self.key) or "all"

    @property
    def own(self) -> bool:
        """Whether it is one of the user's own categories."""
        return any(part.startswith("x_") for part in self.key)


ALL = Entity((), (SHORT_DAYS,))
"""The whole network, of late only: its slow level and all counts grow with time, and trees would learn the date."""


@dataclass(frozen=True)
class Stream:
    """Facts of one kind as they become known.

    Attributes
    ----------
    values
        What is summed beside the count.
    entities
        The first is the whole network where means are shrunk; a parent comes before its children.
    half_lives_days
        Every half-life that is kept.
    own
        Models for which each of the user's own categories is an entity too.
    """

    name: str
    values: tuple[str, ...]
    entities: tuple[Entity, ...]
    half_lives_days: tuple[float, ...] = (SHORT_DAYS, MIDDLE_DAYS, LONG_DAYS)
    own: ModelName | None = None


def _outcomes(name: str, values: tuple[str, ...], own: ModelName) -> Stream:
    """Outcomes of movements, by whoever takes part in them."""
    entities = (
        ALL,
        Entity(("carrier_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("origin_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("destination_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("lane",), RECENT_AND_LONG, ("origin_id",)),
        Entity(("customer_id",), RECENT_AND_LONG),
        Entity(("carrier_id", "lane"), (LONG_DAYS,), ("carrier_id",)),
        Entity(("equipment",), RECENT_AND_LONG),
    )
    return Stream(name, values, entities, own=own)


def _counted(name: str, half_lives_days: tuple[float, ...], *keys: tuple[str, ...]) -> Stream:
    return Stream(name, (), tuple(Entity(key, half_lives_days) for key in keys), half_lives_days)


CARRIER, LANE, ORIGIN, DESTINATION = ("carrier_id",), ("lane",), ("origin_id",), ("destination_id",)
DOCK_IN, DOCK_OUT = ("destination_id", "planned_delivery_hour"), ("origin_id", "planned_pickup_hour")
DELIVERIES = _outcomes("deliveries", ("late", "delay", "delay_squared"), ModelName.ETA_RISK)
DEPARTURES = Stream(
    "departures",
    ("departure",),
    (
        ALL,
        Entity(ORIGIN, (SHORT_DAYS, MIDDLE_DAYS)),
        Entity(CARRIER, (SHORT_DAYS, MIDDLE_DAYS)),
        Entity((*CARRIER, *ORIGIN), (SHORT_DAYS,), ORIGIN),
        Entity(DESTINATION, (SHORT_DAYS,)),
    ),
)
ANSWERS = _outcomes("answers", ("failed",), ModelName.TENDER_FAILURE)
RESOLUTIONS = Stream(
    "resolutions",
    ("impact", "over_1", "over_2", "over_3"),
    (
        ALL,
        Entity(("kind",), RECENT_AND_LONG),
        Entity(("site_id",), RECENT_AND_LONG),
        Entity(CARRIER, RECENT_AND_LONG),
        Entity(("customer_id",), (LONG_DAYS,)),
        Entity(("site_id", "shift"), (LONG_DAYS,), ("site_id",)),
    ),
    own=ModelName.SEVERITY,
)
LEADS = Stream("leads", ("lead",), (Entity(LANE, (LONG_DAYS,)),), (LONG_DAYS,))
PRICES = Stream("prices", ("log_price",), (Entity(LANE, (LONG_DAYS,)),), (LONG_DAYS,))
OPEN = _counted("open", (EVER,), CARRIER, LANE, ORIGIN, DESTINATION)
OPENED = _counted("opened", (MONTH_DAYS,), CARRIER, LANE, ORIGIN, DESTINATION)
PLANNED = _counted("planned", (EVER,), DOCK_IN, DOCK_OUT)
UNANSWERED = _counted("unanswered", (EVER,), CARRIER, LANE)
OFFERS = _counted("offers", (DAY_DAYS, MONTH_DAYS), CARRIER, LANE)

OUTCOMES = (DELIVERIES, DEPARTURES, ANSWERS, RESOLUTIONS)
USUAL = (LEADS, PRICES)
COUNTS = (OPEN, OPENED, PLANNED, UNANSWERED, OFFERS)
STREAMS = {one.name: one for one in (*OUTCOMES, *USUAL, *COUNTS)}
"""Every stream by name."""
