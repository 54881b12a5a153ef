"""A solved scenario in figures: cost, service, what changed, what binds, who is at risk and what could be done."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimization.arrays import to_arrays
from optimization.problem import Problem
from optimization.recall import recall
from optimization.scenarios.base import Base
from optimization.scenarios.outcome import AtRisk, Binding, CaseChange, Played, Service
from optimization.scenarios.scenario import Changed, Scenario
from optimization.scenarios.situation import Situation
from optimization.scenarios.swaps import Swaps
from optimization.solution import Solution

AT_RISK = 10
"""Cases told as those with most at risk."""
DIGITS = 6
"""Digits kept of probabilities and prices."""


def measure(
    scenario: Scenario, changed: Changed, problem: Problem, solution: Solution, at_once: int, base: Base
) -> Played:
    """Put a solved scenario into figures, beside the base."""
    chosen, before = _chosen(changed.situation, solution), _chosen(base.situation, base.solution)
    both = chosen.join(before.add_suffix("_before"), how="inner")
    other = both[both["name"] != both["name_before"]]
    return Played(
        name=scenario.name,
        note=scenario.note,
        told=changed.told,
        assumptions=changed.assumed,
        cases=len(chosen),
        objective_cents=solution.objective,
        bound_cents=solution.bound,
        at_once_cents=at_once,
        gap=round(solution.gap, 12),
        gap_reached=solution.gap_reached,
        steps=solution.steps,
        stopped_by=solution.stopped_by,
        fingerprint=solution.fingerprint,
        problem_fingerprint=solution.problem_fingerprint,
        service=_service(chosen),
        actions=_tally(chosen["action"]),
        changed=_case_changes(other),
        moves=_tally(other["action_before"] + " → " + other["action"]),
        added=tuple(sorted(set(chosen.index) - set(before.index))),
        removed=tuple(sorted(set(before.index) - set(chosen.index))),
        binding=_binding(problem, solution),
        at_risk=_at_risk(changed.situation, problem, chosen, solution),
    )


def _chosen(situation: Situation, solution: Solution) -> pd.DataFrame:
    """The chosen candidate of each case, by case_id; ``name`` is how the action is called in its case."""
    table = situation.candidates
    taken = table[table["action_id"].isin(set(solution.choice.values()))].set_index("case_id").sort_index()
    if situation.of_plan:
        return taken.assign(name=taken["label"])
    unknown = {"p_late": np.nan, "failure_cents": taken["cost_cents"], "action": None}
    return taken.assign(name=taken["action_id"], **unknown)


def _service(chosen: pd.DataFrame) -> Service:
    if "label" not in chosen:
        return Service()
    timed = chosen["p_late"].dropna()
    parts = {f"{part}_cents": int(chosen[f"{part}_cents"].sum()) for part in ("direct", "handling", "failure")}
    return Service(round(float(timed.sum()), DIGITS) if len(timed) else None, len(timed), **parts)


def _tally(names: pd.Series) -> dict[str, int]:
    """Name → how often, most often first."""
    counts = Counter(names.dropna().tolist())
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _case_changes(other: pd.DataFrame) -> tuple[CaseChange, ...]:
    columns = ("name_before", "name", "cost_cents_before", "cost_cents")
    changes = [
        CaseChange(str(case), before, after, int(was), int(now))
        for case, before, after, was, now in zip(other.index, *(other[name] for name in columns), strict=True)
    ]
    return tuple(sorted(changes, key=lambda one: (-abs(one.cost_after_cents - one.cost_before_cents), one.case_id)))


def _binding(problem: Problem, solution: Solution) -> tuple[Binding, ...]:
    used = to_arrays(problem).used(recall(problem, solution)[1])
    bounds = problem.resources.astype(object).where(problem.resources.notna(), None)
    found = []
    for (name, lo, hi), units in zip(bounds[["resource_id", "lo", "hi"]].itertuples(index=False), used, strict=False):
        price = round(float(solution.prices.get(name, 0.0)), DIGITS)
        if price or (hi is not None and units >= hi > 0):
            found.append(Binding(name, int(units), lo, hi, price))
    return tuple(sorted(found, key=lambda one: (-abs(one.price_cents) * one.used, one.resource_id)))


def _at_risk(situation: Situation, problem: Problem, chosen: pd.DataFrame, solution: Solution) -> tuple[AtRisk, ...]:
    """The costliest failures that are still expected, each with its fallback."""
    most = chosen.reset_index().sort_values(["failure_cents", "case_id"], ascending=[False, True]).head(AT_RISK)
    swaps = Swaps(to_arrays(problem), recall(problem, solution)[1])
    others = [swaps.cheapest(place) for place in pd.Index(problem.case_ids).get_indexer(most["case_id"]).tolist()]
    actions = [None if other is None else problem.candidates["action_id"].iloc[other[0]] for other in others]
    names = _names(situation, actions)
    return tuple(
        AtRisk(
            case_id=row["case_id"],
            action=row["name"],
            risk_cents=int(row["failure_cents"]),
            p_late=None if pd.isna(row["p_late"]) else round(float(row["p_late"]), DIGITS),
            fallback=None if action is None else names[action],
            fallback_more_cents=None if other is None else other[1],
        )
        for row, other, action in zip(most.to_dict("records"), others, actions, strict=True)
    )


def _names(situation: Situation, actions: Sequence[str | None]) -> dict[str, str]:
    """action_id → how the action is called in its case."""
    table = situation.candidates
    few = table[table["action_id"].isin([action for action in actions if action is not None])]
    return dict(zip(few["action_id"], few["label" if situation.of_plan else "action_id"], strict=True))
