"""What a version's predictions would have cost as decisions, asked of a world that can be lived through again.

The rule is the plan's own, one shipment at a time: of doing nothing, telling the customer and expediting, whatever is
expected to cost least under the predicted distribution of the delay, at the prices in force and with the catalogue's
assumptions. Both versions decide by it on the same rows, so that what they would have cost differs by what they
predicted and by nothing else. Shared limits are left out, and every row is decided as if it were the only one.

Of real freight there is no such figure: what was not done has no outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from domain.errors import NotThere
from domain.params import CostParams
from domain.predictions import DENSE_LEVELS, ModelName
from domain.what_if import ASKED, WhatIf
from models.eta_risk import EtaRisk
from models.model import Model
from optimization.actions.action import Action, Context
from optimization.actions.do_nothing import DoNothing
from optimization.actions.expedite import Expedite
from optimization.actions.notify import Notify
from optimization.cost import LatenessTerms
from store.dataset import Dataset
from training.evidence import ALL, ALPHA, Difference
from training.influence import half_width, numbered

Array = NDArray[np.float64]
COST, IDLE = "cost", "do_nothing"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Moment of the rule's context; none of its actions looks at it."""


@dataclass(frozen=True)
class Asking:
    """Whom to ask what decisions cost, and the prices by which they are made."""

    world: WhatIf
    prices: CostParams


@dataclass(frozen=True)
class Unasked:
    """Nobody is asked what decisions cost; ``why`` in words, empty where nobody would expect it."""

    why: str = ""


NOBODY = Unasked()


@dataclass(frozen=True)
class Decided:
    """Decisions of two versions on n rows, and what they differ by.

    Attributes
    ----------
    actions
        Per version how often each action was chosen.
    differing
        Rows on which the versions decide differently.
    means
        Mean money a row with nothing done, and under each version's decisions.
    differences
        Mean money a row, challenger minus champion: overall, and by slice.
    """

    actions: tuple[dict[str, int], dict[str, int]]
    differing: int
    means: tuple[float, float, float]
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        named = dict(zip(("champion", "challenger"), self.actions, strict=True))
        told = [{"where": d.where, "mean": d.value, "low": d.low, "high": d.high} for d in self.differences]
        means = dict(zip((IDLE, "champion", "challenger"), self.means, strict=True))
        return {"actions": named, "differing": self.differing, "mean_cost": means, "differences": told}

    def lines(self, currency: str) -> list[str]:
        """The cost in lines of text; slices only where the whole interval is on one side of 0."""
        counted = [", ".join(f"{kind} {rows:,}" for kind, rows in one.items()) for one in self.actions]
        idle, *acted = self.means
        said = [
            f"  {who} decides {what}: {mean:,.2f} {currency} a row, {mean - idle:+,.2f} against doing nothing"
            for who, what, mean in zip(("champion", "challenger"), counted, acted, strict=True)
        ]
        said.append(f"  they decide differently on {self.differing:,} rows; the difference is, in {currency} a row:")
        shown = [one for one in self.differences if one.where == ALL or one.better or one.worse]
        return said + [
            f"  {COST if one.where == ALL else one.where:24} {one.value:+10.4f}  [{one.low:+.4f}, {one.high:+.4f}]"
            for one in shown
        ]  # fmt: skip


def decisions_cost(
    dataset: Dataset,
    versions: Sequence[Model],
    subjects: pd.DataFrame,
    frame: pd.DataFrame,
    slices: Mapping[str, NDArray[np.bool_]],
    asking: Asking,
) -> Decided | None:
    """What decisions by champion and challenger would have cost, paired.

    Parameters
    ----------
    versions
        Champion and challenger.
    subjects, frame
        n rows with their features.
    slices
        Rows of each slice, shape (n,).

    Returns
    -------
    Nothing for another model than ``eta_risk``: no action follows from the others alone.
    """
    models = [one for one in versions if isinstance(one, EtaRisk)]
    if len(models) < 2:
        return None
    cases = cases_of(dataset, subjects, frame)
    chosen = [choose(one.quantiles(frame, DENSE_LEVELS), cases, asking.prices) for one in models]
    idle = _idle(subjects, asking.world)
    before = _spent(subjects, chosen[0], idle, chosen[0] != IDLE, asking.world)
    after = _spent(subjects, chosen[1], np.where(chosen[1] == IDLE, idle, before), chosen[0] != chosen[1], asking.world)
    counts = [{kind: int((one == kind).sum()) for kind in ASKED} for one in chosen]
    return Decided(
        (counts[0], counts[1]),
        int((chosen[0] != chosen[1]).sum()),
        (float(idle.mean()), float(before.mean()), float(after.mean())),
        _differences(after - before, subjects["subject_id"], slices),
    )


def _idle(subjects: pd.DataFrame, world: WhatIf) -> Array:
    """Cost of each of n rows with nothing done, which is the same at whatever stage nothing is done."""
    once = subjects.drop_duplicates("subject_id")
    costs = world.costs(once["subject_id"].tolist(), [IDLE] * len(once), once["as_of"])
    return np.asarray(pd.Series(costs, once["subject_id"])[subjects["subject_id"]].to_numpy(np.float64))


def _spent(
    subjects: pd.DataFrame, chosen: NDArray[np.str_], known: Array, asked: NDArray[np.bool_], world: WhatIf
) -> Array:
    """Cost of each of n rows under its action; where it is not ``asked`` and where nothing is done it is ``known``."""
    rows = np.flatnonzero(asked & (chosen != IDLE))
    spent, some = known.copy(), subjects.iloc[rows]
    spent[rows] = world.costs(some["subject_id"].tolist(), chosen[rows].tolist(), some["as_of"])
    return spent


def cases_of(dataset: Dataset, subjects: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """What the rule knows of n rows besides the delay: stage, freight price, terms of lateness."""
    late_after = frame["late_after_min"] if "late_after_min" in frame else pd.Series(np.nan, frame.index)
    penalty = frame["late_penalty"] if "late_penalty" in frame else pd.Series(np.nan, frame.index)
    return pd.DataFrame(
        {
            "stage": subjects["stage"].astype("str").to_numpy(),
            "price": price_known(dataset.table("tenders"), subjects),
            "late_after_min": late_after.fillna(dataset.manifest.late_after_min).to_numpy(np.float64),
            "late_penalty": penalty.to_numpy(np.float64),
            "open_exceptions": 0,
        }
    )


def price_known(tenders: pd.DataFrame, subjects: pd.DataFrame) -> Array:
    """Price of each shipment's last offer that was known at its moment; NaN where none was."""
    offers = tenders[["shipment_id", "known_at", "price"]].dropna()
    asked = subjects[["subject_id", "as_of"]].reset_index(names="place").sort_values("as_of", kind="stable")
    found = pd.merge_asof(
        asked.assign(as_of=asked["as_of"].astype("datetime64[us, UTC]")),
        offers.assign(known_at=offers["known_at"].astype("datetime64[us, UTC]")).sort_values("known_at", kind="stable"),
        left_on="as_of",
        right_on="known_at",
        left_by="subject_id",
        right_by="shipment_id",
    )
    return np.asarray(found.set_index("place")["price"].reindex(subjects.index).to_numpy(np.float64))


def choose(delays: Array, cases: pd.DataFrame, prices: CostParams) -> NDArray[np.str_]:
    """The action with the least expected cost for each of n rows.

    Parameters
    ----------
    delays
        Shape (n, len(DENSE_LEVELS)): quantiles of the delay with nothing done, minutes.
    """
    terms = LatenessTerms(
        cases["late_after_min"].to_numpy(), cases["late_penalty"].to_numpy(), np.full(len(cases), prices.late_per_min)
    )
    nothing = pd.DataFrame(columns=["origin_id", "destination_id", "carrier_id", "price"])
    context = Context(NEVER, prices, _Nobody(), terms, delays, np.zeros(len(cases)), nothing)
    expected = np.full((len(cases), len(ASKED)), np.inf)
    rule: tuple[Action, ...] = (DoNothing(), Notify(), Expedite())
    for place, action in enumerate(rule):
        made = action.propose(cases, context)
        spent = made.direct_cost + made.handling_min * prices.handling_per_min
        expected[made.case, place] = made.risk.failure_cost + spent
    return np.asarray(np.array(ASKED)[expected.argmin(axis=1)])


class _Nobody:
    """Implements :class:`domain.predictions.Scoring` with no model; the rule's actions ask none."""

    def has(self, model: ModelName) -> bool:
        return False

    def delays(self, subjects: Any) -> Any:
        raise NotThere("the rule brings its delays along")

    tender_failures = impacts = delays

    def doubts(self, model: ModelName, subjects: Any) -> Any:
        raise NotThere("the rule brings its delays along")


def _differences(more: Array, whose: pd.Series, slices: Mapping[str, NDArray[np.bool_]]) -> tuple[Difference, ...]:
    """Mean of n paired differences with its interval; rows of one shipment are kept together."""
    codes = numbered(whose)
    made = []
    for where, rows in {ALL: np.ones(len(more), dtype=bool), **slices}.items():
        alpha = ALPHA if where == ALL else ALPHA / max(len(slices), 1)
        value = float(more[rows].mean())
        half = half_width((more[rows] - value) / rows.sum(), codes[rows], float(norm.isf(alpha / 2)))
        made.append(Difference(where, COST, *(float(f"{x:.10g}") for x in (value, value - half, value + half))))
    return tuple(one for one in made if np.isfinite(one.low))
