"""An optimisation problem: exactly one candidate per case, at least cost, under shared rows.

    minimise   Σ cost_a x_a + Σ_r penalty_lo_r (lo_r − u_r)⁺ + penalty_hi_r (u_r − hi_r)⁺
    subject to Σ_{a of case c} x_a = 1,  u_r = Σ_a amount_ra x_a,  lo_r ≤ u_r ≤ hi_r where hard,
               x_a + x_b ≤ 1 for excluded pairs,  x ∈ {0, 1}

Everything is an integer: cents, and units of each resource.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from optimization.names import Names, Small, Texts
from optimization.problem_checks import (
    BOUNDS,
    INTEGERS,
    check_cases,
    check_numbers,
    located,
    refuse_itself,
    refuse_twice,
    typed,
)
from optimization.problem_uses import placed_uses

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """Where each id of a table stands: m uses, e exclusions, n candidates.

    Attributes
    ----------
    case
        (n,) case of each candidate, 0, 1, … ascending.
    use_action, use_resource
        (m,) rows of ``candidates`` and ``resources`` that each use names.
    exclusions
        (e, 2) rows of ``candidates`` that exclude each other.
    """

    case: Ints
    use_action: Small
    use_resource: Small
    exclusions: Ints


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked problem, its tables in canonical order.

    Attributes
    ----------
    candidates
        ``case_id, action_id, cost_cents``, sorted by the ids; action_id is unique across cases.
    resources
        ``resource_id, lo, hi, penalty_lo_cents, penalty_hi_cents``, sorted; a null bound is none, a
        null penalty makes the bound hard, else each unit beyond the bound costs that much.
    exclusions
        ``action_id_1, action_id_2``: pairs of which at most one may be chosen.
    amount
        (m,) units of each use.
    places
        The ids as rows of the tables.
    """

    candidates: pd.DataFrame
    resources: pd.DataFrame
    exclusions: pd.DataFrame
    amount: Ints
    places: Places

    @property
    def usage(self) -> pd.DataFrame:
        """``action_id, resource_id, amount``: what a candidate takes of a resource, 0 or more.

        In the order of ``candidates``, then of ``resources``; made anew each time, for the names of
        millions of uses need more room than all the rest.
        """
        action = self.candidates["action_id"].take(self.places.use_action).reset_index(drop=True)
        resource = self.resources["resource_id"].take(self.places.use_resource).reset_index(drop=True)
        return pd.DataFrame({"action_id": action, "resource_id": resource, "amount": self.amount})

    @property
    def cases(self) -> int:
        """Number of cases."""
        return int(self.places.case[-1]) + 1 if len(self.places.case) else 0

    @cached_property
    def case_ids(self) -> list[str]:
        """The ids of the cases, in order."""
        case = self.places.case
        first = np.flatnonzero(np.r_[True, case[1:] != case[:-1]]) if len(case) else case
        ids: list[str] = self.candidates["case_id"].take(first).tolist()
        return ids

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical content: the same for the same problem in any row order."""
        digest = hashlib.sha256()
        for column in (self.candidates["case_id"], self.candidates["action_id"], self.resources["resource_id"]):
            _feed_texts(digest, column)
        amount = pd.Series(self.amount, name="amount", copy=False)
        for numbers in (self.candidates["cost_cents"], amount, *(self.resources[name] for name in BOUNDS)):
            _feed_integers(digest, numbers)
        uses = (self.places.use_action, self.places.use_resource, self.amount)
        for numbers in (*uses, self.places.exclusions):
            _feed_numbers(digest, numbers)
        return digest.hexdigest()


def build_problem(
    candidates: pd.DataFrame,
    usage: pd.DataFrame | Iterable[pd.DataFrame] | None = None,
    resources: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    cases: Sequence[str] | None = None,
) -> Problem:
    """Check the tables of a problem and bring them into canonical order.

    Parameters
    ----------
    usage
        The table, or parts of it, each of which may be let go of before the next is made.
    cases
        Cases that must each have a candidate; by default those that ``candidates`` names.

    Raises
    ------
    BadProblem
        Naming table and row, if a column is missing, an id is null, unknown or twice there, a
        number is no integer, an amount or penalty is negative, lo is above hi, or a sum could overflow.
    """
    actions = _sorted(typed("candidates", candidates))
    rows = _sorted(typed("resources", resources))
    names, of_rows = Names.of(actions["action_id"]), Names.of(rows["resource_id"])
    refuse_twice(actions["action_id"], names, "candidates")
    refuse_twice(rows["resource_id"], of_rows, "resources")
    uses = placed_uses([usage] if usage is None or isinstance(usage, pd.DataFrame) else usage, names, of_rows)
    pairs, excluded = _placed_pairs(typed("exclusions", exclusions), names)
    check_numbers(actions, rows, uses.amount, uses.resource)
    check_cases(actions, cases)
    places = Places(_numbered(actions["case_id"]), uses.action, uses.resource, excluded)
    return Problem(actions.reset_index(drop=True), rows.reset_index(drop=True), pairs, uses.amount, places)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """By the ids; the index keeps the rows as they came, for messages."""
    keys = [column for column in frame if column not in INTEGERS]
    table = pa.table({key: pa.array(frame[key], pa.large_string()) for key in keys})
    order = pc.sort_indices(table, [(key, "ascending") for key in keys]).to_numpy()
    return frame if (order[1:] > order[:-1]).all() else frame.take(order)


def _placed_pairs(exclusions: pd.DataFrame, actions: Names) -> tuple[pd.DataFrame, Ints]:
    sorted_pairs = _sorted(exclusions)
    places = [located(sorted_pairs[column], actions, "exclusions", "candidates") for column in sorted_pairs]
    refuse_itself(sorted_pairs)
    return sorted_pairs.reset_index(drop=True), np.column_stack(places).astype(np.int64).reshape(-1, 2)


def _numbered(case_id: pd.Series) -> Ints:
    """0, 1, … of a sorted column, one more at each new id."""
    if not len(case_id):
        return np.zeros(0, np.int64)
    ids = pa.array(case_id, pa.large_string())
    new = pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)
    return np.cumsum(np.r_[False, new]).astype(np.int64)


def _feed_texts(digest: "hashlib._Hash", column: pd.Series) -> None:
    """Lengths and bytes of a column of strings, as Arrow holds them."""
    texts = Texts.of(column)
    digest.update(f"{column.name}:{len(column)};".encode())
    digest.update(np.diff(texts.ends).data)
    digest.update(texts.text[texts.ends[0] : texts.ends[-1]].data)


def _feed_integers(digest: "hashlib._Hash", column: pd.Series) -> None:
    """A mask of what is null, and the numbers."""
    digest.update(f"{column.name}:{len(column)};".encode() + column.isna().to_numpy(bool).tobytes())
    _feed_numbers(digest, column.fillna(0).to_numpy(np.int64))


def _feed_numbers(digest: "hashlib._Hash", numbers: Ints | Small) -> None:
    digest.update(f"{numbers.shape};".encode())
    digest.update(np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).data)
