"""A carrier fails: nothing can be tendered to it, and loads that it keeps fail more often.

An action that leaves a load with it, not to a vehicle of one's own: failure × factor. A re-tender to
another carrier, which refuses with probability p and then leaves the load where it is:

    failure + p · (factor − 1) · failure of doing nothing

P(late) moves the same way, up to 1. What the wait for the refusal adds is not scaled.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import numpy as np

from optimization.assumptions import CATALOGUE
from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.exact import plain
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Patterns, column, matching, some

ASSUMED = CATALOGUE["carrier_down_failure_scale"]


@dataclass(frozen=True)
class CarrierDown:
    """``carrier_down``: a carrier that moves nothing.

    Re-tenders to it cannot be chosen. Its loads fail more where they stay with it, re-tenders away from it
    as far as they are refused.

    Attributes
    ----------
    carrier
        Which.
    failure_scale
        The factor, 1 or more; without it the catalogue's assumption, which is told.
    """

    kind: ClassVar[str] = "carrier_down"
    needs_plan: ClassVar[bool] = True
    carrier: Patterns
    failure_scale: Decimal | None = None

    def __post_init__(self) -> None:
        expect(self.failure_scale is None or self.failure_scale >= 1, "failure_scale", "1 or more", self.failure_scale)

    def apply(self, situation: Situation) -> Step:
        """Take its re-tenders away, and let its loads fail."""
        table = situation.candidates
        offered = matching(column(situation, "new_carrier"), self.carrier)
        stays = np.asarray(table["new_carrier_id"].isna() & table["depot_id"].isna(), bool)
        left = matching(column(situation, "carrier"), self.carrier) & stays
        name = " or ".join(self.carrier)
        if not (offered | left).any():
            return Step(
                situation,
                f"{name} has no load here and is offered none; as a carrier there {some(table['carrier_id'])}",
                0,
            )
        factor = failure_factor(self.failure_scale, ASSUMED.value)
        loads = counted(int(table.loc[left, "case_id"].nunique()), "case")
        told = (
            f"{name} is down: {counted(int(offered.sum()), 're-tender')} to it cannot be chosen; "
            f"{loads} with it, expected failure × {plain(factor)} where it keeps the load"
        )
        changed = _refused(situation, self.carrier, factor).failing(left, factor).without(offered)
        return Step(changed, told, int((offered | left).sum()), () if self.failure_scale is not None else (ASSUMED,))


def _refused(situation: Situation, carrier: Patterns, factor: Decimal) -> Situation:
    """Re-tenders away from the carrier, for the case that they are refused."""
    table = situation.candidates
    away = matching(table["carrier_id"], carrier) & table["p_refused"].notna().to_numpy(bool)
    idle = table[table["action"] == "do_nothing"].set_index("case_id")
    failure, late = (table["case_id"].map(idle[name]).astype(float) for name in ("failure_cents", "p_late"))
    refused = table["p_refused"].where(away, 0.0)
    more = (refused * float(factor - 1) * failure).fillna(0.0).round().astype("int64")
    later = (refused * ((late * float(factor)).clip(upper=1.0) - late)).fillna(0.0)
    return situation.with_risk(table["failure_cents"] + more, table["p_late"] + later)


def failure_factor(given: Decimal | None, assumed: float) -> Decimal:
    """The factor of the file, else the assumed one."""
    return given if given is not None else Decimal(str(assumed))
