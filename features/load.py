"""How much is on, against what is usual: at each carrier, lane and place, in an hour of a dock, in tenders of a day.

A plain count grows with the network, and trees would learn the date from it. What is there now is compared with how
often such a stay began of late (decayed with a half-life of a month), and the tenders of a day with those of a month.
"""

from dataclasses import dataclass

from domain.predictions import ModelName
from features.entities import (
    DAY_DAYS,
    EVER,
    MONTH_DAYS,
    OFFERS,
    OPEN,
    OPENED,
    PLANNED,
    UNANSWERED,
    Entity,
    Stream,
)
from features.family import Asked, Description, Made
from features.records import Floats

SHARE_OF_DAY = DAY_DAYS / MONTH_DAYS
"""A steady flow has so many decayed tenders at a day's half-life for each at a month's."""


@dataclass(frozen=True)
class Surge:
    """What is there now against what is usual.

    Attributes
    ----------
    now, usual
        The streams, and which of their half-lives is read.
    share
        Of the usual that is expected now; only a scale.
    """

    name: str
    meaning: str
    now: tuple[Stream, float]
    usual: tuple[Stream, float]
    share: float = 1.0


OPEN_SURGE = Surge(
    "open", "shipments known and not ended, against those of a month", (OPEN, EVER), (OPENED, MONTH_DAYS)
)
UNANSWERED_SURGE = Surge(
    "unanswered", "offers unanswered, against those of a month", (UNANSWERED, EVER), (OFFERS, MONTH_DAYS)
)
OFFERS_SURGE = Surge(
    "offers",
    "tenders of about a day against the usual of a month",
    (OFFERS, DAY_DAYS),
    (OFFERS, MONTH_DAYS),
    SHARE_OF_DAY,
)
USED: dict[ModelName, tuple[Surge, ...]] = {
    ModelName.ETA_RISK: (OFFERS_SURGE,),
    ModelName.TENDER_FAILURE: (OPEN_SURGE, OFFERS_SURGE, UNANSWERED_SURGE),
    ModelName.SEVERITY: (),
}
"""What each model looks at. How full a carrier and a dock are tells who refuses; of delays and their cost it told
nothing on flights' later data but the season (the level of schedules drifts), so those models do not look at it."""
SHARING = (ModelName.TENDER_FAILURE,)
"""Models that look at the docks' hours."""


class Load:
    """Columns ``<entity>_<what>_surge``, and ``<place>_x_<hour>_shared``."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line for each surge and entity, then the docks' hours."""
        surges = dict.fromkeys(surge for used in USED.values() for surge in used)
        return (
            *(_line(surge, entity) for surge in surges for entity in surge.now[0].entities),
            *(_shared(entity) for entity in PLANNED.entities),
        )

    def columns(self, asked: Asked) -> Made:
        """Ratios, with one added to both sides, and counts."""
        made: dict[str, Floats] = {}
        for surge in USED[asked.model]:
            now, usual = _counts(asked, *surge.now), _counts(asked, *surge.usual)
            made |= {
                f"{entity}_{surge.name}_surge": (now[entity] + 1.0) / (usual[entity] * surge.share + 1.0)
                for entity in now
                if entity in usual
            }
        shared = _counts(asked, PLANNED, EVER) if asked.model in SHARING else {}
        return made | {f"{entity}_shared": number for entity, number in shared.items()}


def _counts(asked: Asked, stream: Stream, days: float) -> dict[str, Floats]:
    """Counts of a stream by entity, decayed with one of its half-lives."""
    layout = asked.source.layout(stream.name)
    if layout is None:
        return {}
    found = asked.once(stream.name, lambda: asked.source.recall(stream.name, asked.record, asked.as_of, _by_half_life))
    place, spans = stream.half_lives_days.index(days), len(stream.half_lives_days)
    return {entity.name: found[k * spans + place] for k, entity in enumerate(layout.entities)}


def _by_half_life(answers: Floats) -> Floats:
    return answers[:, :, :, 0].reshape(len(answers), answers.shape[1] * answers.shape[2])


def _line(surge: Surge, entity: Entity) -> Description:
    name, meaning = f"{entity.name}_{surge.name}_surge", f"{surge.meaning}; of {' × '.join(entity.key)}"
    return Description(name, "ratio", meaning, (*entity.key, surge.now[0].name), entity.key, surge.usual[1])


def _shared(entity: Entity) -> Description:
    meaning = f"open shipments planned for the same {' × '.join(entity.key)}"
    return Description(f"{entity.name}_shared", "count", meaning, (*entity.key, PLANNED.name), entity.key)
