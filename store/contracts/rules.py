"""The rules that a contract's declaration comes to, each with the words a person reads."""

import sys
from dataclasses import dataclass

from store.contracts.columns import Column, Contract

LARGEST = sys.float_info.max
"""The largest number that is no infinity."""


@dataclass(frozen=True)
class Rule:
    """One thing that every row must satisfy.

    Attributes
    ----------
    words
        What is wrong with a row that breaks it.
    column
        The column to look at.
    expectation
        Name of the Great Expectations class that checks it.
    arguments
        Its arguments.
    where
        ``(column, value)`` that narrows it to some rows.
    """

    words: str
    column: str
    expectation: str
    arguments: dict[str, object]
    where: tuple[str, str] | None = None


def rules_of(contract: Contract, present: tuple[str, ...]) -> list[Rule]:
    """Rules of a contract over the columns that are present, in order of declaration."""
    rules = _not_null(contract) + _ranges(contract) + _codes(contract) + _orders(contract)
    return [rule for rule in rules if _columns(rule) <= set(present)]


def _columns(rule: Rule) -> set[str]:
    named = {rule.arguments[key] for key in ("column", "column_A", "column_B") if key in rule.arguments}
    return {str(name) for name in named} | ({rule.where[0]} if rule.where else set())


def _not_null(contract: Contract) -> list[Rule]:
    return [
        Rule(f"{c.name} is missing", c.name, "ExpectColumnValuesToNotBeNull", {"column": c.name})
        for c in contract.columns
        if c.required
    ]


def _ranges(contract: Contract) -> list[Rule]:
    return [
        Rule(
            f"{c.name} is {_beyond(c)}",
            c.name,
            "ExpectColumnValuesToBeBetween",
            {"column": c.name, "min_value": _open(c, c.low, -LARGEST), "max_value": _open(c, c.high, LARGEST)},
        )
        for c in contract.columns
        if c.finite or c.low is not None or c.high is not None
    ]


def _open(column: Column, bound: float | None, finite: float) -> float | None:
    return finite if bound is None and column.finite else bound


def _beyond(column: Column) -> str:
    low, high = column.low, column.high
    if low is not None and high is not None:
        return f"outside {low:g} to {high:g}"
    beyond = [f"below {low:g}"] if low is not None else [f"above {high:g}"] if high is not None else []
    return " or ".join([*beyond, "infinite"] if column.finite else beyond)


def _codes(contract: Contract) -> list[Rule]:
    plain = [
        Rule(
            f"{c.name} is an unknown code (known: {', '.join(c.codes)})",
            c.name,
            "ExpectColumnValuesToBeInSet",
            {"column": c.name, "value_set": [str(code) for code in c.codes]},
        )
        for c in contract.columns
        if c.codes is not None
    ]
    listed = [
        Rule(
            f"{c.column} is an unknown code of {c.where} {c.equals} (known: {', '.join(c.codes)})",
            c.column,
            "ExpectColumnValuesToBeInSet",
            {"column": c.column, "value_set": list(c.codes)},
            (c.where, c.equals),
        )
        for c in contract.listed
    ]
    return plain + listed


def _orders(contract: Contract) -> list[Rule]:
    return [
        Rule(
            f"{later} is before {earlier}",
            later,
            "ExpectColumnPairValuesAToBeGreaterThanB",
            {
                "column_A": later,
                "column_B": earlier,
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
        )
        for earlier, later in contract.ordered
    ]
