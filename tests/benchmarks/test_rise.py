"""The table of what rose and fell says what its values say."""

import json

import pytest

from benchmarks.quality import TASKS
from benchmarks.rise import (
    MAIN_JOB,
    NOT_ON_RECORD,
    RECORD,
    SEEDS,
    Change,
    Measure,
    Values,
    read_record,
    rows,
    spread,
    written_record,
)

AUC, BRIER = Measure("vans", "late", "AUC"), Measure("vans", "late", "Brier")
THEN: Values = {AUC: (0.70, 0.71, 0.75), BRIER: (0.20, 0.20, 0.23)}


def test_a_row_holds_both_means_with_their_spreads_and_the_change() -> None:
    """Expected: (0.70 + 0.71 + 0.75) / 3 = 0.72, its farthest seed 0.03 away."""
    row, *others = rows(THEN, {AUC: (0.80, 0.81, 0.82)})
    assert row == "| vans | late | AUC | 0.7200 ± 0.0300 | 0.8100 ± 0.0100 | +0.0900 | better |"
    assert others == []


@pytest.mark.parametrize(
    ("measure", "now", "verdict"),
    [
        (AUC, (0.76, 0.76, 0.76), "better"),
        (AUC, (0.74, 0.74, 0.74), "within the spread"),
        (AUC, (0.72, 0.76, 0.80), "within the spread"),
        (AUC, (0.68, 0.68, 0.68), "worse"),
        (BRIER, (0.25, 0.25, 0.25), "worse"),
        (BRIER, (0.17, 0.17, 0.17), "better"),
        (BRIER, (0.22, 0.22, 0.22), "within the spread"),
    ],
)
def test_a_change_counts_beyond_both_spreads_and_a_lower_brier_score_is_better(
    measure: Measure, now: tuple[float, ...], verdict: str
) -> None:
    """AUC was 0.72 ± 0.03, the Brier score 0.21 ± 0.02."""
    assert Change(measure, THEN[measure], now).verdict == verdict


def test_the_spread_is_the_distance_of_the_farthest_seed_from_the_mean() -> None:
    """Expected: |0.23 − 0.21|, not half of the range."""
    assert spread(THEN[BRIER]) == pytest.approx(0.02)


def test_a_measure_that_is_not_on_record_is_not_left_out_silently() -> None:
    """The table has a row for each measure, or there is no table."""
    with pytest.raises(KeyError, match="on time"):
        list(rows(THEN, {Measure("vans", "on time", "AUC"): (0.5, 0.5, 0.5)}))


def test_a_record_is_read_as_it_was_written() -> None:
    """Every digit, in the same order."""
    values = {**THEN, Measure("vans", "no driver", "AP"): (1 / 3, 0.1 + 0.2, 1e-9)}
    assert list(read_record(written_record("abc1234", values)).items()) == list(values.items())


def test_the_thin_engine_is_on_record_for_every_measure_and_seed() -> None:
    """Whatever was measured then can be compared with what ``benchmarks.rise`` measures now."""
    text = RECORD.read_text(encoding="utf-8")
    recorded = read_record(text)
    asked = {Measure(t.data, t.asks, name) for t in TASKS + MAIN_JOB for name in t.measures}
    assert set(recorded) == {measure for measure in asked if measure.name not in NOT_ON_RECORD}
    assert {len(values) for values in recorded.values()} == {len(SEEDS)}
    assert (json.loads(text)["commit"], json.loads(text)["seeds"]) == ("9f7cf76", list(SEEDS))
