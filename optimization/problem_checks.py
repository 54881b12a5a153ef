"""What a problem refuses, naming table and row: each check is one function."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.errors import BadProblem
from optimization.names import UNKNOWN, Names, Small

Ints = npt.NDArray[np.int64]

LARGEST_SUM = 2**62
"""Sums beyond this could overflow 64-bit integers; such a problem is refused."""

TABLES: dict[str, tuple[str, ...]] = {
    "candidates": ("case_id", "action_id", "cost_cents"),
    "usage": ("action_id", "resource_id", "amount"),
    "resources": ("resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"),
    "exclusions": ("action_id_1", "action_id_2"),
}
"""Columns of each table of a problem."""

BOUNDS = TABLES["resources"][1:]
"""The bounds of a row and what breaking them costs."""

INTEGERS = {"cost_cents": False, "amount": False} | dict.fromkeys(BOUNDS, True)
"""Integer columns, and whether null is allowed there."""


def typed(table: str, frame: pd.DataFrame | None, first: int = 0) -> pd.DataFrame:
    """The table's own columns as strings and 64-bit integers, rows numbered as they came, from ``first`` on."""
    frame = pd.DataFrame(columns=list(TABLES[table])) if frame is None else frame
    frame = frame.set_axis(pd.RangeIndex(first, first + len(frame)))
    missing = [column for column in TABLES[table] if column not in frame.columns]
    if missing:
        raise BadProblem(f"table {table!r} of the problem lacks the column {missing[0]!r}")
    columns = {
        column: _integers(frame[column], table, INTEGERS[column]) if column in INTEGERS else _ids(frame[column], table)
        for column in TABLES[table]
    }
    return pd.DataFrame(columns)


def _ids(column: pd.Series, table: str) -> pd.Series:
    """Strings, or a category of strings where few names stand for many rows."""
    _refuse_null(column, table)
    if isinstance(column.dtype, pd.CategoricalDtype) and table == "usage":
        return column
    return column.astype("str")


def _refuse_null(column: pd.Series, table: str) -> None:
    if column.isna().any():
        raise BadProblem(f"{table}: row {column.index[column.isna()][0]} has no {column.name}")


def _integers(column: pd.Series, table: str, nullable: bool) -> pd.Series:
    if not nullable:
        _refuse_null(column, table)
    whole = column if pd.api.types.is_signed_integer_dtype(column.dtype) else _read_one_by_one(column, table)
    _refuse_row(whole.abs() > LARGEST_SUM, whole, table, "must lie within ±2^62")
    return whole.astype("Int64" if nullable else "int64")


def _read_one_by_one(column: pd.Series, table: str) -> pd.Series:
    """A column that pandas does not hold as integers: each value must be one, or null."""
    values = [None if gone else value for value, gone in zip(column.tolist(), column.isna(), strict=True)]
    for row, value in zip(column.index, values, strict=True):
        if value is not None and not _is_integer(value):
            raise BadProblem(f"{table}: {column.name} of row {row} must be an integer, but is {value!r}")
    whole = [None if value is None else int(value) for value in values]
    return pd.Series(whole, dtype="Int64", index=column.index, name=column.name)


def _is_integer(value: object) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(np.isfinite(value)) and value == int(value) and abs(int(value)) <= LARGEST_SUM


def _refuse_row(bad: pd.Series, values: pd.Series, table: str, rule: str) -> None:
    """Refuse the first row of which ``bad`` holds; null never does."""
    where = np.flatnonzero(bad.fillna(False).to_numpy(bool))
    if len(where):
        row = values.index[where[0]]
        raise BadProblem(f"{table}: {values.name} of row {row} {rule}, but is {values.iloc[where[0]]}")


def refuse_twice(ids: pd.Series, names: Names, table: str) -> None:
    """Refuse an id that is there more than once."""
    if not names.unique:
        twice = ids[ids.duplicated()]
        raise BadProblem(f"{table}: {ids.name} {twice.iloc[0]!r} is there more than once (row {twice.index[0]})")


def located(ids: pd.Series, known: Names, table: str, where: str) -> Small:
    """(m,) the place among ``known`` that each id names; an unknown one is refused."""
    coded = isinstance(ids.dtype, pd.CategoricalDtype)
    found = known.places(ids.cat.categories if coded else ids)
    found = found.take(ids.cat.codes.to_numpy()) if coded else found
    unknown = np.flatnonzero(found == UNKNOWN)
    if len(unknown):
        row = int(unknown[0])
        raise BadProblem(f"{table}: row {ids.index[row]} names {ids.name} {ids.iloc[row]!r}, unknown in {where}")
    return found


def refuse_itself(pairs: pd.DataFrame) -> None:
    """Refuse an action that excludes itself."""
    itself = pairs[pairs["action_id_1"] == pairs["action_id_2"]]
    if len(itself):
        raise BadProblem(f"exclusions: action {itself['action_id_1'].iloc[0]!r} excludes itself")


def refuse_negative(values: pd.Series, table: str) -> None:
    """Refuse a number below 0."""
    _refuse_row(values < 0, values, table, "must be 0 or more")


def check_numbers(actions: pd.DataFrame, rows: pd.DataFrame, amount: Ints, use_resource: Small) -> None:
    """Refuse negative penalties, crossed bounds, and what could overflow."""
    for column in ("penalty_lo_cents", "penalty_hi_cents"):
        refuse_negative(rows[column], "resources")
    crossed = rows[(rows["lo"] > rows["hi"]).fillna(False).astype(bool)]
    if len(crossed):
        row = crossed.iloc[0]
        raise BadProblem(f"resources: {row['resource_id']!r} has lo {row['lo']} above hi {row['hi']}")
    _check_sums(actions, rows, amount, use_resource)


def _check_sums(actions: pd.DataFrame, rows: pd.DataFrame, amount: Ints, use_resource: Small) -> None:
    """Refuse what could overflow: all costs, each resource's use, and all penalties, as exact integers."""
    money, most, whose = exact_sum(actions["cost_cents"].abs().to_numpy(np.int64)), 0, ""
    used = exact_sums(use_resource, amount, len(rows))
    bounds = [[None if value is pd.NA else value for value in rows[name].tolist()] for name in BOUNDS]
    names = rows["resource_id"].tolist()
    for name, total, lo, hi, under, over in zip(names, used, *bounds, strict=True):
        if total > LARGEST_SUM:
            raise BadProblem(f"usage: the amounts of resource {name!r} add up to {total}, beyond 2^62")
        due = 0 if lo is None or under is None else under * max(0, lo)
        due += 0 if hi is None or over is None else over * max(0, total - hi)
        money += due
        if due > most:
            most, whose = due, name
    if money > LARGEST_SUM:
        dearest = _dearest(actions, most, whose)
        raise BadProblem(f"the costs and penalties of the problem add up to {money} cents, beyond 2^62; {dearest}")


def _dearest(actions: pd.DataFrame, penalties: int, whose: str) -> str:
    """What of all costs and penalties is the most: an action, or the penalties of a resource."""
    cost = actions["cost_cents"].abs()
    if not len(cost) or penalties > cost.max():
        return f"resources: the penalties of {whose!r} alone may come to {penalties}"
    dearest = actions.iloc[int(cost.to_numpy(np.int64).argmax())]
    return f"candidates: action {dearest['action_id']!r} alone costs {dearest['cost_cents']}"


def exact_sum(values: Ints) -> int:
    """Sum without overflow: high and low halves apart."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def exact_sums(place: Small | Ints, values: Ints, size: int) -> list[int]:
    """The same for each of ``size`` places."""
    high, low = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(high, place, values >> 32)
    np.add.at(low, place, values & 0xFFFFFFFF)
    return [(int(h) << 32) + int(s) for h, s in zip(high.tolist(), low.tolist(), strict=True)]


def check_cases(candidates: pd.DataFrame, cases: Sequence[str] | None) -> None:
    """Refuse a case without candidates."""
    without = sorted(set(cases) - set(candidates["case_id"])) if cases is not None else []
    if without:
        raise BadProblem(f"candidates: case {without[0]!r} has no candidate; every case needs at least one")
