"""An optimisation problem: exactly one candidate per case, at least cost, under shared rows.

    minimise   Σ cost_a x_a + Σ_r penalty_lo_r (lo_r − u_r)⁺ + penalty_hi_r (u_r − hi_r)⁺
    subject to Σ_{a of case c} x_a = 1,  u_r = Σ_a amount_ra x_a,  lo_r ≤ u_r ≤ hi_r where hard,
               x_a + x_b ≤ 1 for excluded pairs,  x ∈ {0, 1}

Everything is an integer: cents, and units of each resource.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from domain.errors import BadProblem

LARGEST_SUM = 2**62
"""Sums beyond this could overflow 64-bit integers; such a problem is refused."""

TABLES: dict[str, tuple[str, ...]] = {
    "candidates": ("case_id", "action_id", "cost_cents"),
    "usage": ("action_id", "resource_id", "amount"),
    "resources": ("resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"),
    "exclusions": ("action_id_1", "action_id_2"),
}
"""Columns of each table of a problem."""

INTEGERS = {"cost_cents": False, "amount": False} | dict.fromkeys(TABLES["resources"][1:], True)
"""Integer columns, and whether null is allowed there."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked problem, its tables in canonical order (sorted by their ids).

    Attributes
    ----------
    candidates
        ``case_id, action_id, cost_cents``; action_id is unique across cases.
    usage
        ``action_id, resource_id, amount``: what a candidate takes of a resource, 0 or more.
    resources
        ``resource_id, lo, hi, penalty_lo_cents, penalty_hi_cents``; a null bound is none, a null
        penalty makes the bound hard, else each unit beyond the bound costs that much.
    exclusions
        ``action_id_1, action_id_2``: pairs of which at most one may be chosen.
    """

    candidates: pd.DataFrame
    usage: pd.DataFrame
    resources: pd.DataFrame
    exclusions: pd.DataFrame

    @property
    def cases(self) -> int:
        """Number of cases."""
        return int(self.candidates["case_id"].nunique())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical content: the same for the same problem in any row order."""
        digest = hashlib.sha256()
        for name, columns in TABLES.items():
            frame = getattr(self, name)
            for column in columns:
                values = [None if value is pd.NA else value for value in frame[column].tolist()]
                digest.update(json.dumps([name, column, values]).encode())
        return digest.hexdigest()


def build_problem(
    candidates: pd.DataFrame,
    usage: pd.DataFrame | None = None,
    resources: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    cases: Sequence[str] | None = None,
) -> Problem:
    """Check the tables of a problem and bring them into canonical order.

    Parameters
    ----------
    cases
        Cases that must each have a candidate; by default those that ``candidates`` names.

    Raises
    ------
    BadProblem
        Naming table and row, if a column is missing, an id is null, unknown or twice there, a
        number is no integer, an amount or penalty is negative, lo is above hi, or a sum could overflow.
    """
    given = {"candidates": candidates, "usage": usage, "resources": resources, "exclusions": exclusions}
    tables = {name: _typed(name, frame) for name, frame in given.items()}
    _check_ids(tables)
    _check_numbers(tables)
    _check_cases(tables["candidates"], cases)
    ordered = {
        name: frame.sort_values(_order(name), ignore_index=True, kind="stable") for name, frame in tables.items()
    }
    return Problem(**ordered)


def _order(table: str) -> list[str]:
    return [column for column in TABLES[table] if column not in INTEGERS]


def _typed(table: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """The table's own columns as strings and 64-bit integers."""
    if frame is None:
        frame = pd.DataFrame(columns=list(TABLES[table]))
    missing = [column for column in TABLES[table] if column not in frame.columns]
    if missing:
        raise BadProblem(f"table {table!r} of the problem lacks the column {missing[0]!r}")
    typed = {
        column: _integers(frame[column], table, INTEGERS[column]) if column in INTEGERS else _ids(frame[column], table)
        for column in TABLES[table]
    }
    return pd.DataFrame(typed).reset_index(drop=True)


def _ids(column: pd.Series, table: str) -> pd.Series:
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise BadProblem(f"{table}: row {row} has no {column.name}")
    return column.astype("str")


def _integers(column: pd.Series, table: str, nullable: bool) -> pd.Series:
    null = column.isna()
    if null.any() and not nullable:
        raise BadProblem(f"{table}: row {int(np.flatnonzero(null)[0])} has no {column.name}")
    values = [None if gone else value for value, gone in zip(column.tolist(), null, strict=True)]
    for row, value in enumerate(values):
        if value is not None and not _is_integer(value):
            raise BadProblem(f"{table}: {column.name} of row {row} must be an integer, but is {value!r}")
    whole = [None if value is None else int(value) for value in values]
    return pd.Series(whole, dtype="Int64" if nullable else "int64", index=column.index)


def _is_integer(value: object) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(np.isfinite(value)) and value == int(value) and abs(int(value)) <= LARGEST_SUM


def _check_ids(tables: dict[str, pd.DataFrame]) -> None:
    _refuse_twice(tables["candidates"], ["action_id"], "candidates")
    _refuse_twice(tables["resources"], ["resource_id"], "resources")
    _refuse_twice(tables["usage"], ["action_id", "resource_id"], "usage")
    actions, resources = tables["candidates"]["action_id"], tables["resources"]["resource_id"]
    _refuse_unknown(tables["usage"], "action_id", actions, "usage", "candidates")
    _refuse_unknown(tables["usage"], "resource_id", resources, "usage", "resources")
    for column in TABLES["exclusions"]:
        _refuse_unknown(tables["exclusions"], column, actions, "exclusions", "candidates")
    pairs = tables["exclusions"]
    itself = pairs[pairs["action_id_1"] == pairs["action_id_2"]]
    if len(itself):
        raise BadProblem(f"exclusions: action {itself['action_id_1'].iloc[0]!r} excludes itself")


def _refuse_twice(frame: pd.DataFrame, columns: list[str], table: str) -> None:
    twice = frame[frame.duplicated(columns)]
    if len(twice):
        which = ", ".join(f"{name} {twice[name].iloc[0]!r}" for name in columns)
        raise BadProblem(f"{table}: {which} is there more than once (row {twice.index[0]})")


def _refuse_unknown(frame: pd.DataFrame, column: str, known: pd.Series, table: str, where: str) -> None:
    unknown = frame[~frame[column].isin(known)]
    if len(unknown):
        raise BadProblem(
            f"{table}: row {unknown.index[0]} names {column} {unknown[column].iloc[0]!r}, unknown in {where}"
        )


def _check_numbers(tables: dict[str, pd.DataFrame]) -> None:
    usage, resources = tables["usage"], tables["resources"]
    _refuse_negative(usage, "amount", "usage")
    for column in ("penalty_lo_cents", "penalty_hi_cents"):
        _refuse_negative(resources, column, "resources")
    crossed = resources[(resources["lo"] > resources["hi"]).fillna(False).astype(bool)]
    if len(crossed):
        row = crossed.iloc[0]
        raise BadProblem(f"resources: {row['resource_id']!r} has lo {row['lo']} above hi {row['hi']}")
    _check_sums(tables)


def _refuse_negative(frame: pd.DataFrame, column: str, table: str) -> None:
    negative = frame[(frame[column] < 0).fillna(False).astype(bool)]
    if len(negative):
        value = negative[column].iloc[0]
        raise BadProblem(f"{table}: {column} of row {negative.index[0]} must be 0 or more, but is {value}")


def _check_sums(tables: dict[str, pd.DataFrame]) -> None:
    """Refuse what could overflow: all costs, each resource's use, and all penalties, as exact integers."""
    money = sum(abs(value) for value in tables["candidates"]["cost_cents"].tolist())
    used: dict[str, int] = {}
    for resource, amount in zip(
        tables["usage"]["resource_id"].tolist(), tables["usage"]["amount"].tolist(), strict=True
    ):
        used[resource] = used.get(resource, 0) + amount
    for resource, lo, hi, under, over in tables["resources"].astype(object).itertuples(index=False):
        total = used.get(resource, 0)
        if total > LARGEST_SUM:
            raise BadProblem(f"usage: the amounts of resource {resource!r} add up to {total}, beyond 2^62")
        money += 0 if lo is pd.NA or under is pd.NA else under * max(0, lo)
        money += 0 if hi is pd.NA or over is pd.NA else over * max(0, total - hi)
    if money > LARGEST_SUM:
        raise BadProblem(f"the costs and penalties of the problem add up to {money} cents, beyond 2^62")


def _check_cases(candidates: pd.DataFrame, cases: Sequence[str] | None) -> None:
    without = sorted(set(cases or ()) - set(candidates["case_id"]))
    if without:
        raise BadProblem(f"candidates: case {without[0]!r} has no candidate; every case needs at least one")
