"""Runs a table's rules as one Great Expectations suite, in memory, and says which rows break which rule.

Great Expectations takes seconds to import, so it is imported when a suite is run.
"""

import logging
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from store.contracts.columns import Contract
from store.contracts.rules import Rule, rules_of
from store.telemetry import switch_off_telemetry


def broken_rows(contract: Contract, frame: pd.DataFrame) -> Iterator[tuple[Rule, np.ndarray[Any, Any]]]:
    """Each rule that is broken, with the positions of the rows that break it.

    Parameters
    ----------
    contract
        The contract of the table.
    frame
        Rows with canonical dtypes and the index 0 … n-1; only columns that are present are checked.

    Yields
    ------
    tuple[Rule, numpy.ndarray]
        Rules in order of declaration; positions ascending.
    """
    rules = rules_of(contract, tuple(frame.columns))
    if frame.empty or not rules:
        return
    for rule, result in zip(rules, _results(rules, _without_zone(frame)), strict=True):
        if result.exception_info.get("raised_exception"):
            raise RuntimeError(f"{contract.table}: {rule.words}: {result.exception_info}")
        if not result.success:
            yield rule, np.sort(np.asarray(result.result["unexpected_index_list"], dtype=np.int64))


def _without_zone(frame: pd.DataFrame) -> pd.DataFrame:
    """All moments are UTC; Great Expectations takes pandas' deprecated way of reading them with a zone."""
    zoned = frame.select_dtypes("datetimetz")
    return frame.assign(**{str(name): zoned[name].dt.tz_convert(None) for name in zoned})


def suite_of(rules: list[Rule], name: str = "table") -> Any:
    """The Great Expectations suite of some rules; each expectation's ``meta`` holds its words."""
    switch_off_telemetry(os.environ)
    import great_expectations as gx

    return gx.ExpectationSuite(name=name, expectations=[_expectation(rule) for rule in rules])


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations as known
    from great_expectations.expectations.row_conditions import Column

    arguments: dict[str, Any] = {**rule.arguments, "meta": {"rule": rule.words}}
    if rule.where:
        column, value = rule.where
        arguments["row_condition"] = Column(column) == value
    return getattr(known, rule.expectation)(**arguments)


def _results(rules: list[Rule], frame: pd.DataFrame) -> list[Any]:
    """Results in the order of the rules: Great Expectations returns them in one of its own."""
    suite = suite_of(rules)
    batch = _context().data_sources.add_pandas("frames").add_dataframe_asset("rows")
    batch = batch.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    outcome = batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "exclude_unexpected_values": True,
            "return_unexpected_index_query": False,
        },
    )
    by_words = {result.expectation_config.meta["rule"]: result for result in outcome.results}
    return [by_words[rule.words] for rule in rules]


def _context() -> Any:
    """A context that lives in memory only, and is quiet."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
