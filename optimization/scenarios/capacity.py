"""Another capacity of resources, whatever they are: more or less of it, or another price of going beyond."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from optimization.scenarios.amount import Amount
from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.situation import Rows, Situation
from optimization.scenarios.where import Patterns, matching, some

LO, HI = "lo", "hi"


@dataclass(frozen=True)
class Capacity:
    """``capacity``: change a bound of resources, or what a unit beyond it costs.

    Attributes
    ----------
    resource
        Patterns of resource_id.
    amount
        The bound's change, in the resource's own units; none of the three where only the price changes.
    bound
        ``hi``, how much there is, or ``lo``, how much has to be used.
    penalty_cents
        What a unit beyond the bound costs from now on: a hard bound becomes soft.
    hard
        Whether the bound becomes one that cannot be broken.
    """

    kind: ClassVar[str] = "capacity"
    needs_plan: ClassVar[bool] = False
    resource: Patterns
    amount: Amount = field(default_factory=Amount)
    bound: str = HI
    penalty_cents: int | None = None
    hard: bool = False

    def __post_init__(self) -> None:
        expect(self.bound in (LO, HI), "bound", f"{HI} or {LO}", repr(self.bound))
        expect(self.penalty_cents is None or self.penalty_cents >= 0, "penalty_cents", "0 or more", self.penalty_cents)
        expect(not (self.hard and self.penalty_cents is not None), "hard", "false where penalty_cents is given", True)
        says = self.amount.count or self.hard or self.penalty_cents is not None
        expect(bool(says), "a change of capacity", "one of set, scale, add, penalty_cents and hard", "none of them")

    def apply(self, situation: Situation) -> Step:
        """Change the bound of every resource that matches, where it has one or is given one."""
        named = matching(situation.resources["resource_id"], self.resource)
        bounded = np.asarray(situation.resources[self.bound].notna(), bool)
        rows = named if self.amount.set is not None else named & bounded
        if named.any() and not rows.any():
            return Step(situation, f"no resource that matches {' or '.join(self.resource)} has a {self.bound}", 0)
        changed = situation
        if self.amount.count:
            changed = with_bound(changed, rows, self.bound, self.amount)
        if self.hard or self.penalty_cents is not None:
            changed = _with_penalty(changed, rows, self.bound, self.penalty_cents)
        return resource_step(situation, changed, rows, self.resource, self.text)

    @property
    def text(self) -> str:
        """The change in words."""
        says = [self.amount.text] if self.amount.count else []
        says += [] if self.penalty_cents is None else [f"{self.penalty_cents:,} cents for each unit beyond"]
        says += ["hard"] if self.hard else []
        return f"{self.bound} {', '.join(says)}"


def with_bound(situation: Situation, rows: Rows, bound: str, amount: Amount, unit: int = 1) -> Situation:
    """The situation with a bound changed; a bound that is not there can be set, but neither scaled nor added to."""

    def after(before: int | None) -> int | None:
        return amount.of(before or 0, unit) if before is not None or amount.set is not None else None

    return _with_column(situation, rows, bound, after)


def _with_penalty(situation: Situation, rows: Rows, bound: str, penalty: int | None) -> Situation:
    """The penalty of a bound, where there is that bound."""
    bounded = rows & situation.resources[bound].notna().to_numpy(bool)
    return _with_column(situation, bounded, f"penalty_{bound}_cents", lambda _: penalty)


def _with_column(situation: Situation, rows: Rows, name: str, change: Callable[[int | None], int | None]) -> Situation:
    column = situation.resources[name].astype("Int64")
    before = [None if value is pd.NA else int(value) for value in column[rows].tolist()]
    column.iloc[np.flatnonzero(rows)] = pd.array([change(value) for value in before], "Int64")
    return replace(situation, resources=situation.resources.assign(**{name: column}))


def resource_step(
    before: Situation, after: Situation, rows: Rows, patterns: Patterns, said: str, unit: int = 1
) -> Step:
    """Tell a change of resources: how many, and of a single one from what to what, in units of ``unit``."""
    names, meant = before.resources["resource_id"], " or ".join(patterns)
    if not rows.any():
        kinds = names.str.replace(r":.*", ":…", regex=True)
        return Step(before, f"no resource matches {meant}; there {some(kinds)}", 0)
    if rows.sum() > 1:
        return Step(after, f"{counted(int(rows.sum()), 'resource')} {meant}: {said}", int(rows.sum()))
    first = int(np.flatnonzero(rows)[0])
    bounds = [(name, *(_shown(one.resources[name].iloc[first], unit) for one in (before, after))) for name in (LO, HI)]
    moved = [f"{name} {was} → {now}" for name, was, now in bounds if was != now]
    return Step(after, f"{names.iloc[first]}: {'; '.join([said, *moved])}", 1)


def _shown(value: int, unit: int) -> str:
    """A bound in its unit; none where it is null."""
    if pd.isna(value):
        return "none"
    return f"{value:,}" if unit == 1 else f"{value / unit:,.2f}"
