"""What is planted in a feature frame is found by name, and an honest one reports nothing."""

import json

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from domain.predictions import ModelName
from features.contract import contract_of
from features.family import Description
from store.contracts.suite import broken_rows
from training.frame_checks import auc_alone, broken_columns, check_frame, happened, rules_asked
from training.frame_report import FrameReport

N, M = 4000, 1500


def honest(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """A share and a duration that help, a category, an id that never comes twice, gaps, and the outcome."""
    draw = np.random.default_rng(seed)
    strength = draw.normal(size=rows)
    y = draw.random(rows) < 1 / (1 + np.exp(1.5 - strength))
    frame = pd.DataFrame(
        {
            "carrier_late_7d": 1 / (1 + np.exp(-strength)),
            "to_pickup_min": np.where(draw.random(rows) < 0.3, np.nan, draw.exponential(600.0, rows)),
            "milestones_known": draw.poisson(0.2, rows).astype(float),
            "mode": pd.Series(draw.choice(["road", "rail", "sea"], rows), dtype="str"),
            "x_booking": pd.Series([f"{seed}-{k}" for k in range(rows)], dtype="str"),
        }
    )
    return frame, y


def report(plant_train: dict[str, object], plant_test: dict[str, object]) -> FrameReport:
    """The check of two honest parts with some columns planted."""
    (train, y), (test, y_test) = honest(N, 1), honest(M, 2)
    return check_frame(train.assign(**plant_train), test.assign(**plant_test), y, y_test, "late")


def test_an_honest_frame_reports_nothing() -> None:
    """A column that helps, one with gaps, and an id of as many values as rows are all well."""
    found = report({}, {})
    assert found.lines() == []
    assert not any(found.rules.values())
    assert all(column.remarks == "" for column in found.columns)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_leaking_number_is_found_by_name(sign: int) -> None:
    """Whichever its direction; among honest columns only it is told."""
    (_, y), (_, y_test) = honest(N, 1), honest(M, 2)
    noise = np.random.default_rng(3).normal(scale=0.2, size=N)
    found = report({"x_leak": sign * (y + noise)}, {"x_leak": sign * (y_test + noise[:M])})
    assert [column.name for column in found.leaking] == ["x_leak"]
    (line,) = found.lines()
    assert line.startswith("x_leak alone tells 'late' with AUC 0.99")


@pytest.mark.parametrize("gone_when", [True, False])
def test_a_leak_by_absence_is_found(gone_when: bool) -> None:
    """A value that is there exactly when it happened says as much as the outcome; so does one that is not there."""
    (_, y), (_, y_test) = honest(N, 1), honest(M, 2)
    values = np.random.default_rng(4).normal(size=N)
    plant = [{"x_gap": np.where(part == gone_when, np.nan, values[: len(part)])} for part in (y, y_test)]
    found = report(*plant)
    assert [(column.name, column.auc) for column in found.leaking] == [("x_gap", 1.0)]


def test_a_leaking_category_is_found_by_name() -> None:
    """Ten codes of which five are given only where it happened."""
    (_, y), (_, y_test) = honest(N, 1), honest(M, 2)
    draw = np.random.default_rng(5)
    plant = [{"x_code": pd.Series([f"c{int(late) * 5 + draw.integers(5)}" for late in part])} for part in (y, y_test)]
    found = report(*plant)
    assert [column.name for column in found.leaking] == ["x_code"]


def test_constants_and_gaps_are_counted() -> None:
    """A number and a text that never vary, a column of nothing; values that vary or have gaps are no constants."""
    rare = np.where(np.arange(N) < 20, 1.0, np.nan)
    found = report(
        {"x_one": 1.0, "x_text": pd.Series("a", range(N)), "x_none": np.nan, "x_rare": rare},
        {"x_one": 1.0, "x_text": pd.Series("a", range(M)), "x_none": np.nan, "x_rare": rare[:M]},
    )
    assert found.constant == ("x_one", "x_text")
    assert found.empty == ("x_none", "x_rare")
    assert found.lines() == ["of 9 columns never vary: 2, missing in over 99% of the rows: 2"]


def test_drift_is_told_worst_first() -> None:
    """A shifted number, categories that changed places, a rare value grown frequent, a gap that opened."""
    draw = np.random.default_rng(6)
    found = report(
        {
            "x_shift": draw.normal(size=N),
            "x_kind": pd.Series(draw.choice(["a", "b"], N, p=[0.9, 0.1])),
            "x_flag": (draw.random(N) < 0.02).astype(float),
            "x_open": draw.normal(size=N),
        },
        {
            "x_shift": draw.normal(3.0, size=M),
            "x_kind": pd.Series(draw.choice(["a", "b"], M, p=[0.1, 0.9])),
            "x_flag": (draw.random(M) < 0.4).astype(float),
            "x_open": np.where(np.arange(M) % 2, np.nan, draw.normal(size=M)),
        },
    )
    names = [column.name for column in found.drifted]
    assert sorted(names) == ["x_flag", "x_kind", "x_open", "x_shift"]
    assert [column.psi for column in found.drifted] == sorted((c.psi for c in found.drifted), reverse=True)
    assert f"drift: 4 ({names[0]} most" in found.lines()[0]


def test_few_rows_are_neither_leaks_nor_drift_by_chance() -> None:
    """Of two hundred columns of noise over forty rows none is told."""
    draw = np.random.default_rng(7)
    train, test = (pd.DataFrame(draw.normal(size=(40, 200))).add_prefix("x_") for _ in range(2))
    y = np.arange(40) < 5
    found = check_frame(train, test, y, y)
    assert found.lines() == []
    assert all(column.auc is None for column in found.columns)


def test_a_column_that_the_later_part_lacks_is_missing_there() -> None:
    """Columns follow from the data, so a part may lack one; it is no error, and it drifts."""
    (train, y), (test, y_test) = honest(N, 1), honest(M, 2)
    found = check_frame(train, test.drop(columns=["mode", "to_pickup_min"]), y, y_test)
    assert {c.name: c.missing_later for c in found.columns if c.missing_later == 1} == {"mode": 1, "to_pickup_min": 1}
    assert {column.name for column in found.drifted} == {"mode", "to_pickup_min"}


def test_rows_that_break_the_contract_are_counted() -> None:
    """A share above 1 and an infinity, by the words of their rules, over both parts."""
    late = np.full(N, 0.5)
    late[:3] = 1.5
    found = report({"carrier_late_7d": late}, {"to_pickup_min": np.full(M, np.inf)})
    assert found.broken == {"carrier_late_7d is outside 0 to 1": 3, "to_pickup_min is infinite": M}
    assert f"{M:,} × to_pickup_min is infinite" in found.lines()


VALUES = st.one_of(st.sampled_from([0.0, 1.0, -0.0, np.nan, np.inf, -np.inf, 1.0000001, -1e-9]), st.floats())


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (30, 3), elements=VALUES))
def test_extremes_alone_tell_what_the_whole_suite_tells(values: np.ndarray) -> None:
    """Columns that break their range by their smallest or largest value are those that Great Expectations finds."""
    frame = pd.DataFrame(values, columns=["share", "count", "free"])
    units = {"share": "0–1", "count": "count", "free": "min"}
    contract = contract_of(frame.dtypes, [Description(name, unit, "", ()) for name, unit in units.items()])
    assert set(broken_columns(contract, frame)) == {rule.column for rule, _ in broken_rows(contract, frame)}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0, np.nan]), st.booleans()), min_size=4, max_size=60))
def test_the_auc_is_that_of_the_better_side_for_what_is_missing(rows: list[tuple[float, bool]]) -> None:
    """Against scikit-learn: missing below all, missing above all, both directions; the best of the four."""
    values, y = np.array([value for value, _ in rows]), np.array([late for _, late in rows])
    if y.all() or not y.any():
        return
    sides = [roc_auc_score(y, np.nan_to_num(values, nan=fill)) for fill in (-9.0, 9.0)]
    assert auc_alone(values, y) == pytest.approx(max(max(auc, 1 - auc) for auc in sides))


def test_an_auc_near_the_mark_is_taken_from_all_rows() -> None:
    """A sample of the rows only screens: the figure told of a leak is that of the whole part."""
    draw = np.random.default_rng(8)
    y = draw.random(100_000) < 0.5
    frame = pd.DataFrame({"x_leak": y + draw.normal(scale=0.3, size=y.size)})
    found = check_frame(frame, frame, y, y)
    assert found.columns[0].auc == pytest.approx(roc_auc_score(y, frame["x_leak"]), abs=1e-12)


def test_each_model_asks_its_own_outcome() -> None:
    """Late, failed, or an impact over the middle threshold."""
    outcome = pd.DataFrame({"late": [0.0, 1.0, 1.0], "value": [1.0, 0.0, 5.0]})
    asked = {name: happened(name, outcome, (0.5, 1.0, 9.0)) for name in ModelName}
    assert asked[ModelName.ETA_RISK][0].tolist() == [False, True, True]
    assert asked[ModelName.TENDER_FAILURE][0].tolist() == [True, False, True]
    assert asked[ModelName.SEVERITY][0].tolist() == [False, False, True]
    assert [words for _, words in asked.values()] == ["late", "tender fails", "major or critical"]


def test_the_page_and_the_document_name_every_column_and_every_rule() -> None:
    """Both show what was checked, not only what was found; a name cannot slip markup into the page."""
    found = report({"x_<b>": 1.0}, {"x_<b>": 1.0})
    page, told = found.as_html("small.eta_risk"), json.loads(json.dumps(found.as_json()))
    assert set(told["columns"]) == {column.name for column in found.columns}
    assert told["constant"] == ["x_<b>"]
    assert "<b>" not in page
    assert all(f"<td>{name}</td>" in page for name in ("mode", "x_&lt;b&gt;", "carrier_late_7d is outside 0 to 1"))


def test_the_whole_suite_says_what_the_quick_way_says() -> None:
    """Both count the same rows for the same rules."""
    frame, _ = honest(200, 9)
    frame.loc[[3, 5], "carrier_late_7d"] = -0.5
    assert rules_asked(frame, whole=True) == rules_asked(frame)
    assert rules_asked(frame)["carrier_late_7d is outside 0 to 1"] == 2
