"""More or less to move: cases like those that there are, or fewer of them."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pandas as pd

from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.exact import plain
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Where

MOST = 10
"""Largest factor; more would not be the same network."""


@dataclass(frozen=True)
class Demand:
    """``demand``: so many times the cases of a lane, region, customer, ….

    Added cases are copies of a seeded sample of the ones there are, with all their candidates and what
    those use; ``S1+1`` is the first copy of ``S1``. A copy excludes what its original excludes, and waits
    with it where a dock has no place for both.

    Attributes
    ----------
    scale
        Cases afterwards, as a multiple; below 1 a sample of them falls away.
    where
        Which cases: those of which any candidate is meant; by default all.
    seed
        Of the sample.
    """

    kind: ClassVar[str] = "demand"
    needs_plan: ClassVar[bool] = False
    scale: Decimal
    where: Where = field(default_factory=Where)
    seed: int = 1

    def __post_init__(self) -> None:
        expect(0 <= self.scale <= MOST, "scale", f"from 0 to {MOST}", self.scale)
        expect(self.seed >= 0, "seed", "0 or more", self.seed)

    def apply(self, situation: Situation) -> Step:
        """Copy cases, or take some away."""
        cases = np.sort(situation.candidates.loc[self.where.rows(situation), "case_id"].unique())
        if not len(cases):
            return Step(situation, self.where.missed(situation), 0)
        wanted = round(len(cases) * (self.scale - 1))
        told = f"{self.where.text}: {counted(len(cases), 'case')} × {plain(self.scale)}, "
        if wanted < 0:
            gone = np.random.default_rng(self.seed).permutation(cases)[:-wanted]
            fewer = situation.without(situation.candidates["case_id"].isin(gone).to_numpy(bool))
            return Step(fewer, told + f"{-wanted:,} fewer", -wanted, cases_may_go=True)
        grown = _grown(situation, _sample(cases, wanted, self.seed)).with_room_to_wait()
        return Step(grown, told + f"{wanted:,} more", wanted)


def _sample(cases: np.ndarray, wanted: int, seed: int) -> list[str]:
    """So many of the cases, each as often as any other but for one."""
    rng = np.random.default_rng(seed)
    rounds = [rng.permutation(cases) for _ in range(-(-wanted // len(cases)))]
    return [str(case) for case in np.concatenate(rounds or [cases])[:wanted]]


def _grown(situation: Situation, originals: list[str]) -> Situation:
    for round_of in _rounds(originals):
        situation = _with_copies(situation, round_of)
    return situation


def _rounds(originals: list[str]) -> list[list[str]]:
    """Originals in rounds in which none is there twice."""
    order = pd.Series(originals, dtype="str")
    return [order[number].tolist() for number in order.groupby(order.groupby(order).cumcount()).groups.values()]


def _with_copies(situation: Situation, originals: list[str]) -> Situation:
    """One copy of each original."""
    table = situation.candidates
    cases = _fresh(originals, set(table["case_id"]))
    of_copies = table[table["case_id"].isin(cases)]
    actions = _fresh(of_copies["action_id"].tolist(), set(table["action_id"]))
    copies = of_copies.assign(
        case_id=of_copies["case_id"].map(cases).astype("str"),
        action_id=of_copies["action_id"].map(actions).astype("str"),
    )
    uses = situation.usage[situation.usage["action_id"].isin(actions)]
    return replace(
        situation,
        candidates=pd.concat([table, copies], ignore_index=True),
        usage=pd.concat(
            [situation.usage, uses.assign(action_id=uses["action_id"].map(actions).astype("str"))], ignore_index=True
        ),
        exclusions=_with_exclusions(situation.exclusions, actions),
    )


def _fresh(names: list[str], taken: set[str]) -> dict[str, str]:
    """name → name+1, or the first number that is free."""
    fresh: dict[str, str] = {}
    for name in names:
        number = 1
        while f"{name}+{number}" in taken:
            number += 1
        fresh[name] = f"{name}+{number}"
    return fresh


def _with_exclusions(pairs: pd.DataFrame, actions: dict[str, str]) -> pd.DataFrame:
    """Pairs with a copy in the place of either or both."""
    first, second = (pairs[name].map(actions) for name in ("action_id_1", "action_id_2"))
    both = pd.DataFrame({"action_id_1": first, "action_id_2": second}).dropna()
    one = pairs.assign(action_id_1=first).dropna()
    other = pairs.assign(action_id_2=second).dropna()
    return pd.concat([pairs, one, other, both], ignore_index=True).astype("str")
