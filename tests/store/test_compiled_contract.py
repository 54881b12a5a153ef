"""The compiled contract and the Great Expectations suite find the same rows for the same rules."""

from collections.abc import Iterator
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from store.contracts.columns import Column, Contract, Kind
from store.contracts.compiled import CompiledContract, compiled, compiled_rules
from store.contracts.rules import Rule, rules_of
from store.contracts.suite import broken_rows
from store.contracts.tables import CONTRACTS

EVERY = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
MOMENT = pd.Timestamp("2020-01-01", tz="UTC")
ROWS = 300
Broken = set[tuple[int, str]]


def by_suite(contract: Contract, frame: pd.DataFrame) -> Broken:
    """(row, words of a rule it breaks), found by Great Expectations."""
    return {(int(row), rule.words) for rule, rows in broken_rows(contract, frame) for row in rows}


def by_record(contract: CompiledContract, frame: pd.DataFrame) -> Broken:
    """The same, found record by record."""
    records = frame.to_dict("records")
    return {(row, rule.words) for row, record in enumerate(records) for rule in contract.broken(record)}


def edges(contract: Contract, column: Column) -> list[object]:
    """Cells on, just within and just beyond whatever the contract says of a column, and none at all."""
    if column.kind is Kind.FLAG:
        return [True, False, None]
    if column.kind is Kind.MOMENT:
        return [MOMENT, MOMENT, MOMENT - pd.Timedelta("1us"), MOMENT + pd.Timedelta("1us"), None]
    if column.kind is Kind.NUMBER:
        bounds = [bound for bound in (column.low, column.high) if bound is not None]
        beside = [float(np.nextafter(bound, to)) for bound in bounds for to in (-np.inf, np.inf)]
        return [*bounds, *bounds, *beside, -0.0, np.inf, -np.inf, None]
    listed = [
        text for rule in contract.listed for text in (rule.equals, *rule.codes) if column.name in vars(rule).values()
    ]
    return [*(str(code) for code in column.codes or ()), *listed, *listed[:1] * len(listed), "", "nonsense", None]


def cells(column: Column) -> st.SearchStrategy[object]:
    """Any cell of a column's kind."""
    return {
        Kind.TEXT: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
        Kind.NUMBER: st.floats(),
        Kind.FLAG: st.booleans(),
        Kind.MOMENT: st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01"), timezones=st.just(MOMENT.tz)),
    }[column.kind]


@st.composite
def frames(draw: st.DrawFn, contract: Contract) -> pd.DataFrame:
    """Rows good and bad: every edge, and cells that hypothesis chose, put together by chance."""
    pools = {column: edges(contract, column) + draw(st.lists(cells(column), max_size=6)) for column in contract.columns}
    absent = draw(st.sets(st.sampled_from(contract.names), max_size=2))
    return mixed(pools, draw(st.integers(0, 2**32 - 1))).drop(columns=list(absent))


def mixed(pools: dict[Column, list[object]], seed: int) -> pd.DataFrame:
    """Rows of cells drawn from each column's pool."""
    draw = np.random.default_rng(seed)
    made = {column.name: [pool[k] for k in draw.integers(0, len(pool), ROWS)] for column, pool in pools.items()}
    return pd.DataFrame({column.name: pd.Series(made[column.name], dtype=column.kind.value) for column in pools})


@EVERY
def test_the_compiled_contract_breaks_where_the_suite_breaks(contract: Contract) -> None:
    """On random rows, with any two columns absent, both name the same rules of the same rows."""

    @settings(max_examples=15, deadline=None)
    @given(frames(contract))
    def agree(frame: pd.DataFrame) -> None:
        assert by_record(compiled(contract), frame) == by_suite(contract, frame)

    agree()


@EVERY
def test_a_rule_that_is_slightly_wrong_would_be_found(contract: Contract) -> None:
    """The rows hold every edge: a bound made exclusive or moved, a code forgotten, an order made strict all differ."""
    frame = mixed({column: edges(contract, column) for column in contract.columns}, 1)
    found, rules = by_suite(contract, frame), rules_of(contract, contract.names)
    assert by_record(compiled(contract), frame) == found
    for place, rule in enumerate(rules):
        for wrong in slightly_wrong(rule):
            changed = compiled_rules([*rules[:place], wrong, *rules[place + 1 :]])
            assert by_record(changed, frame) != found, wrong


def slightly_wrong(rule: Rule) -> Iterator[Rule]:
    """Rules that differ from one by as little as a slip of the hand."""
    arguments = rule.arguments
    for bound in ("min_value", "max_value"):
        if arguments.get(bound) is not None:
            for to in (-np.inf, np.inf):
                yield replace(rule, arguments=arguments | {bound: float(np.nextafter(arguments[bound], to))})
            yield replace(rule, arguments=arguments | {bound: None})
    if "value_set" in arguments:
        for code in arguments["value_set"]:
            yield replace(rule, arguments=arguments | {"value_set": [c for c in arguments["value_set"] if c != code]})
    if "or_equal" in arguments:
        yield replace(rule, arguments=arguments | {"or_equal": False})
        yield replace(
            rule, arguments=arguments | {"column_A": arguments["column_B"], "column_B": arguments["column_A"]}
        )
    if rule.where:
        yield replace(rule, where=None)


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT, pd.NA, np.float64("nan")])
def test_every_kind_of_nothing_is_missing(nothing: object) -> None:
    """A required cell must be there; an optional one that is not keeps every range, code and order."""
    of = compiled(CONTRACTS["shipments"]).broken
    assert [rule.words for rule in of({"shipment_id": nothing})] == ["shipment_id is missing"]
    assert of({"weight_kg": nothing, "planned_pickup_at": nothing, "planned_delivery_at": MOMENT}) == []
    assert (
        compiled(CONTRACTS["milestones"]).broken({"code_list": "x12-1650", "code": "D1", "planned_at": nothing}) == []
    )


def test_a_broken_rule_names_its_column_and_what_is_wrong() -> None:
    """What a caller is told: the words and the column to look at."""
    broken = compiled(CONTRACTS["sites"]).broken({"site_id": "A", "lat": 91.0, "lon": -180.0})
    assert [(rule.words, rule.column) for rule in broken] == [("lat is outside -90 to 90", "lat")]
