"""The declaration of the tables and the suite that is generated from it say the same."""

from pathlib import Path

import pandas as pd
import pytest

from domain.facts import FACTS
from store.contracts.columns import Contract, Kind
from store.contracts.rules import rules_of
from store.contracts.suite import broken_rows, suite_of
from store.contracts.tables import CONTRACTS, supplied
from store.frames import completed

EVERY = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
MOMENT = pd.Timestamp("2020-01-01", tz="UTC")


def good(contract: Contract, n: int = 3) -> pd.DataFrame:
    """Rows that keep every rule."""
    cells: dict[str, object] = {}
    for column in contract.columns:
        plain = {Kind.TEXT: "a", Kind.NUMBER: column.low or 1.0, Kind.FLAG: True, Kind.MOMENT: MOMENT}
        cells[column.name] = column.codes[0] if column.codes else plain[column.kind]
    for listed in contract.listed:
        cells |= {listed.where: listed.equals, listed.column: listed.codes[0]}
    frame = pd.DataFrame({name: [cell] * n for name, cell in cells.items()})
    return frame.astype({column.name: column.kind.value for column in contract.columns})


def broken(contract: Contract, frame: pd.DataFrame) -> dict[str, list[int]]:
    """Positions by rule."""
    return {rule.words: positions.tolist() for rule, positions in broken_rows(contract, frame)}


def test_every_table_has_a_contract_in_rank_order() -> None:
    assert list(CONTRACTS) == list(FACTS)


@EVERY
def test_columns_that_facts_name_are_declared(contract: Contract) -> None:
    fact = FACTS[contract.table]
    second = (*fact.second.columns, fact.second.happened, fact.second.known) if fact.second else ()
    known = () if fact.timeless else ("known_at",)
    assert {*fact.key, *second, *known} <= set(contract.names)
    assert fact.known_default is None or fact.known_default in contract.names


@EVERY
def test_rows_that_keep_every_rule_break_none(contract: Contract) -> None:
    assert broken(contract, good(contract)) == {}


@EVERY
def test_a_required_column_is_never_null(contract: Contract) -> None:
    frame = good(contract)
    required = [column.name for column in contract.columns if column.required]
    for name in required:
        frame.loc[1, name] = None
    assert broken(contract, frame) == {f"{name} is missing": [1] for name in required}


@EVERY
def test_an_optional_column_may_be_null_or_absent(contract: Contract) -> None:
    frame = good(contract)
    for column in contract.columns:
        if not column.required:
            frame[column.name] = pd.Series(None, index=frame.index, dtype=column.kind.value)
    assert broken(contract, frame) == {}
    assert broken(contract, frame[[column.name for column in contract.columns if column.required]]) == {}


@EVERY
def test_bounds_are_inclusive_and_kept(contract: Contract) -> None:
    for column in contract.columns:
        for bound, beyond in ((column.low, -0.5), (column.high, 0.5)):
            if bound is not None:
                frame = good(contract)
                frame.loc[0, column.name] = bound
                frame.loc[2, column.name] = bound + beyond
                ((rule, positions),) = broken(contract, frame).items()
                assert rule.startswith(f"{column.name} is ")
                assert positions == [2]


@EVERY
def test_only_declared_codes_are_kept(contract: Contract) -> None:
    for name in [c.name for c in contract.columns if c.codes] + [c.column for c in contract.listed]:
        frame = good(contract)
        frame.loc[1, name] = "nonsense"
        ((rule, positions),) = broken(contract, frame).items()
        assert rule.startswith(f"{name} is an unknown code")
        assert positions == [1]


@EVERY
def test_ordered_moments_may_coincide_and_not_swap(contract: Contract) -> None:
    for earlier, later in contract.ordered:
        frame = good(contract)
        frame.loc[2, later] = MOMENT - pd.Timedelta("1us")
        assert broken(contract, frame) == {f"{later} is before {earlier}": [2]}


@EVERY
def test_the_suite_holds_one_expectation_a_rule(contract: Contract) -> None:
    rules = rules_of(contract, contract.names)
    suite = suite_of(rules)
    assert [expectation.meta["rule"] for expectation in suite.expectations] == [rule.words for rule in rules]
    assert len({rule.words for rule in rules}) == len(rules)


@EVERY
def test_what_must_be_supplied_is_what_no_default_fills(contract: Contract) -> None:
    frame = good(contract)[list(supplied(contract.table))]
    assert broken(contract, completed(contract.table, frame)) == {}


def test_no_project_files_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    broken(CONTRACTS["carriers"], good(CONTRACTS["carriers"]))
    assert list(tmp_path.iterdir()) == []
