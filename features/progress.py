"""How far it has come: lateness at what was reached, silence since, pace, earlier refusals."""

import numpy as np
from numpy.typing import NDArray

from domain.predictions import ModelName
from features.compiled import compiled
from features.family import Asked, Description, Made
from features.known import NEVER, is_known
from features.records import MINUTE, NO_MOMENT, Floats, Moments, Names, minutes_between
from features.words import NO_WORD

COLUMNS = (
    Description("milestones_known", "count", "milestones reached so far", ("milestones",)),
    Description("last_lateness_min", "min", "lateness of the last milestone against its plan", ("milestones",)),
    Description("worst_lateness_min", "min", "largest lateness of any milestone so far", ("milestones",)),
    Description("mean_lateness_min", "min", "mean lateness of the milestones so far", ("milestones",)),
    Description("silence_min", "min", "since the last milestone became known", ("milestones",)),
    Description("lost_since_departure_min", "min", "lateness gained since departure from pickup", ("milestones",)),
    Description("pace", "ratio", "time taken since departure over time planned for it", ("milestones",)),
)
PROJECTED = (
    Description("projected_delay_min", "min", "delay if the last lateness stays, nothing made up", ("milestones",)),
    Description("projected_at_pace_min", "min", "delay if the pace since departure stays", ("milestones",)),
)
ROWS = len(COLUMNS) + 1
"""Those and the planned moment of the last milestone that had one."""
KNOWN, LAST, WORST, MEAN, SILENCE, LOST, PACE, LAST_PLANNED = range(ROWS)
FAILED = Description("offers_failed", "count", "earlier tenders of this shipment that failed", ("tenders",))


class Progress:
    """Milestones known at ``as_of``, and earlier tenders of the same shipment."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """What was reached, what that leads to, what was refused."""
        return (*COLUMNS, FAILED, *PROJECTED)

    def columns(self, asked: Asked) -> Made:
        """Floats; counts are 0 and lateness NaN where nothing was reached."""
        shipments = asked.record.text("shipment_id")
        r = asked.source.reached(shipments)
        found = _progress(r.begin, r.end, r.known, r.superseded, r.occurred, r.planned, r.departure, asked.as_of)
        made = {line.name: found[k] for k, line in enumerate(COLUMNS)}
        o = asked.source.offered(shipments)
        own = asked.subject if asked.model is ModelName.TENDER_FAILURE else np.full(len(asked), NO_WORD, np.int32)
        made[FAILED.name] = _refusals(
            o.begin, o.end, o.tender, o.known, o.superseded, o.answered, o.failed, own, asked.as_of
        )
        return made | _projected(asked, made, found[LAST_PLANNED])


def _projected(asked: Asked, made: dict[str, Floats], last_planned: Floats) -> dict[str, Floats]:
    """The last lateness, or how long the delivery is overdue already, whichever is more; and the same at pace."""
    delivery = asked.record.moment("planned_delivery_at")
    overdue = minutes_between(asked.as_of, delivery)
    last = made["last_lateness_min"]
    stays = np.where(np.isnan(last), 0.0, last)
    left = minutes_between(delivery, np.where(np.isnan(last_planned), NO_MOMENT, last_planned).astype(np.int64))
    at_pace = last + (made["pace"] - 1.0) * np.maximum(left, 0.0)
    return {
        "projected_delay_min": np.fmax(stays, overdue),
        "projected_at_pace_min": np.where(np.isnan(at_pace), np.nan, np.fmax(at_pace, overdue)),
    }


@compiled
def _progress(
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    known: Moments,
    superseded: Moments,
    occurred: Moments,
    planned: Moments,
    departure: NDArray[np.bool_],
    as_of: Moments,
) -> Floats:
    """What was reached, shape (:data:`ROWS`, n)."""
    found = np.full((ROWS, as_of.size), np.nan)
    for q in range(as_of.size):
        reached, late, total, worst, departed = 0, 0, 0.0, -np.inf, -1
        for row in range(begin[q], end[q]):
            if is_known(known[row], superseded[row], as_of[q]):
                reached += 1
                found[SILENCE, q] = (as_of[q] - known[row]) / MINUTE
                if planned[row] != NO_MOMENT:
                    lateness = (occurred[row] - planned[row]) / MINUTE
                    late += 1
                    total += lateness
                    worst = max(worst, lateness)
                    found[LAST, q] = lateness
                    found[LAST_PLANNED, q] = planned[row]
                    if departure[row] and departed < 0:
                        departed = row
                    elif departed >= 0:
                        found[LOST, q] = lateness - (occurred[departed] - planned[departed]) / MINUTE
                        if planned[row] > planned[departed]:
                            found[PACE, q] = (occurred[row] - occurred[departed]) / (planned[row] - planned[departed])
        found[KNOWN, q] = reached
        if late > 0:
            found[WORST, q] = worst
            found[MEAN, q] = total / late
    return found


@compiled
def _refusals(
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    tender: Names,
    known: Moments,
    superseded: Moments,
    answered: Moments,
    failed: NDArray[np.bool_],
    own: Names,
    as_of: Moments,
) -> Floats:
    """How many tenders but one's own were known to have failed."""
    count = np.zeros(as_of.size)
    for q in range(as_of.size):
        for row in range(begin[q], end[q]):
            told = is_known(known[row], superseded[row], as_of[q]) and is_known(answered[row], NEVER, as_of[q])
            if failed[row] and told and tender[row] != own[q]:
                count[q] += 1.0
    return count
