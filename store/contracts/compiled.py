"""A contract compiled to plain Python for one record at a time: what a single request is checked by.

A Great Expectations suite takes a third of a second however few the rows; these checks take microseconds and agree
with it row for row (``tests/store/test_compiled_contract.py``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from store.contracts.columns import Contract
from store.contracts.rules import Rule, rules_of

Record = Mapping[str, Any]
Test = Callable[[Record], bool]


@dataclass(frozen=True)
class CompiledContract:
    """Rules with, for each, a test that is true of a record that breaks it."""

    tests: tuple[tuple[Rule, Test], ...]

    def broken(self, record: Record) -> list[Rule]:
        """Rules that one record breaks, in order of declaration.

        Parameters
        ----------
        record
            Column → value of the column's kind; ``None``, NaN, NaT and NA are missing. Rules over columns that the
            record does not have are not asked, as those over columns that a frame does not have.

        Raises
        ------
        TypeError
            If a value is not of its column's kind and cannot be compared.
        """
        return [rule for rule, breaks in self.tests if breaks(record)]


def compiled(contract: Contract) -> CompiledContract:
    """The contract's rules over all its columns."""
    return compiled_rules(rules_of(contract, contract.names))


def compiled_rules(rules: Iterable[Rule]) -> CompiledContract:
    """The rules, each compiled from the arguments that Great Expectations would get.

    Raises
    ------
    KeyError
        If a rule's expectation has no plain form here.
    """
    return CompiledContract(tuple((rule, _narrowed(rule, TESTS[rule.expectation](rule.arguments))) for rule in rules))


def missing(value: object) -> bool:
    """Whether a cell holds nothing: ``None``, NaN, NaT or NA."""
    return value is None or value is pd.NA or value != value


def _narrowed(rule: Rule, breaks: Test) -> Test:
    """The test, of records that the rule is about only."""
    if rule.where is None:
        return breaks
    column, value = rule.where
    return lambda record: record.get(column) == value and breaks(record)


def _not_null(arguments: Mapping[str, Any]) -> Test:
    column = arguments["column"]
    return lambda record: missing(record.get(column, 0))


def _between(arguments: Mapping[str, Any]) -> Test:
    """Both bounds are inclusive; an infinity is a number like any other."""
    column, low, high = arguments["column"], arguments["min_value"], arguments["max_value"]
    low, high = -float("inf") if low is None else low, float("inf") if high is None else high

    def breaks(record: Record) -> bool:
        value: Any = record.get(column)
        return not missing(value) and not low <= value <= high

    return breaks


def _in_set(arguments: Mapping[str, Any]) -> Test:
    column, known = arguments["column"], frozenset(arguments["value_set"])

    def breaks(record: Record) -> bool:
        value: Any = record.get(column)
        return not missing(value) and value not in known

    return breaks


def _not_before(arguments: Mapping[str, Any]) -> Test:
    """A pair is asked about where both are given."""
    later, earlier, or_equal = arguments["column_A"], arguments["column_B"], arguments["or_equal"]

    def breaks(record: Record) -> bool:
        a: Any = record.get(later)
        b: Any = record.get(earlier)
        if missing(a) or missing(b):
            return False
        return bool(a < b or (a == b and not or_equal))

    return breaks


TESTS: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "ExpectColumnValuesToNotBeNull": _not_null,
    "ExpectColumnValuesToBeBetween": _between,
    "ExpectColumnValuesToBeInSet": _in_set,
    "ExpectColumnPairValuesAToBeGreaterThanB": _not_before,
}
"""Expectation → how its arguments become the test of a record that breaks it."""
