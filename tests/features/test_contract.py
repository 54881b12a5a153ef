"""The contract of a feature frame follows from the catalogue's units."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from features.catalogue import FAMILIES
from features.contract import AS_RECORDED, CATEGORY, RANGES, contract_of
from features.family import Description
from store.contracts.columns import Column, Kind
from store.contracts.compiled import compiled
from store.contracts.suite import broken_rows

LINES = (
    Description("rate", "0–1", "a share", ("a",)),
    Description("hour", "h", "an hour", ("a",)),
    Description("seen", "count", "how many", ("a",)),
    Description("delay", "min", "minutes", ("a",)),
    Description("mode", CATEGORY, "a category", ("a",)),
    Description("x_*", AS_RECORDED, "one's own", ("x_*",)),
    Description("x_*_history", "0–1", "history of one's own", ("x_*",)),
    Description("x_fixed", "count", "named", ("x_*",)),
)


def column(name: str, of: str = "float64", lines: Iterable[Description] = LINES) -> Column:
    (only,) = contract_of({name: of}, lines).columns
    return only


def broken(frame: pd.DataFrame) -> dict[str, list[int]]:
    contract = contract_of(frame.dtypes, LINES)
    return {rule.words: rows.tolist() for rule, rows in broken_rows(contract, frame)}


def test_the_unit_says_kind_and_range() -> None:
    """Shares 0–1, hours 0–24, counts from 0, minutes without bound, categories as text; none is required."""
    assert column("rate") == Column("rate", Kind.NUMBER, low=0, high=1, finite=True)
    assert column("hour") == Column("hour", Kind.NUMBER, low=0, high=24, finite=True)
    assert column("seen") == Column("seen", Kind.NUMBER, low=0, finite=True)
    assert column("delay") == Column("delay", Kind.NUMBER, finite=True)
    assert column("mode", "str") == Column("mode", Kind.TEXT)


def test_ones_own_columns_are_what_their_dtype_says() -> None:
    """The catalogue cannot know whether x_… holds words or numbers."""
    assert column("x_note", "str") == Column("x_note", Kind.TEXT)
    assert column("x_note") == Column("x_note", Kind.NUMBER, finite=True)


def test_a_name_comes_before_a_pattern_and_the_closer_pattern_before_the_wider() -> None:
    """x_fixed is named; x_a_history fits both patterns; the order of the lines does not matter."""
    for lines in (LINES, LINES[::-1]):
        assert column("x_fixed", lines=lines).low == 0
        assert column("x_fixed", lines=lines).high is None
        assert column("x_a_history", lines=lines).high == 1


def test_a_column_that_no_line_describes_is_named() -> None:
    with pytest.raises(LookupError, match="'stranger'"):
        contract_of({"rate": "float64", "stranger": "float64"}, LINES)


def test_bounds_are_inclusive_infinities_refused_and_gaps_allowed() -> None:
    """Great Expectations finds exactly the rows beyond a range, and both infinities everywhere."""
    frame = pd.DataFrame(
        {
            "rate": [0.0, 1.0, np.nan, -1e-9, 1.1, np.inf],
            "hour": [0.0, 24.0, np.nan, 12.0, 24.5, -np.inf],
            "seen": [0.0, 1e300, np.nan, np.inf, -1.0, -np.inf],
            "delay": [-1e308, 1e308, np.nan, np.inf, 0.0, -np.inf],
            "mode": pd.Series(["a", "b", None, "", "c", "d"], dtype="str"),
        }
    )
    found = {
        "rate is outside 0 to 1": [3, 4, 5],
        "hour is outside 0 to 24": [4, 5],
        "seen is below 0 or infinite": [3, 4, 5],
        "delay is infinite": [3, 5],
    }
    assert broken(frame) == found
    rules = compiled(contract_of(frame.dtypes, LINES))
    by_record: dict[str, list[int]] = {}
    for row, record in enumerate(frame.to_dict("records")):
        for rule in rules.broken(record):
            by_record.setdefault(rule.words, []).append(row)
    assert by_record == found


def test_the_catalogue_speaks_in_units_that_have_a_range_or_none_on_purpose() -> None:
    """A new unit is a decision: it gets a range in the table, or stands here because it has none."""
    unbounded = {
        CATEGORY,
        AS_RECORDED,
        "as the value",
        "min",
        "ratio",
        "money",
        "money/km",
        "asinh(min / 15)",
        "log ratio",
        "log1p(impact)",
    }
    units = {line.unit for family in FAMILIES for line in family.descriptions}
    assert units <= unbounded | set(RANGES)
    assert not unbounded & set(RANGES)
