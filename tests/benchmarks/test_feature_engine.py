"""The engine and its references answer the same questions alike."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.engine_references import by_duckdb, by_pandas, by_pandas_plainly, by_polars
from benchmarks.engine_stream import LAYOUT, OUTPUTS, Work, engine, event_by_event, work_of
from benchmarks.feature_engine import DIFFERENCE, difference
from features.records import Floats

ROWS = 5_000


@pytest.fixture(scope="module")
def work() -> Work:
    """Outcomes and questions of a year."""
    return work_of(ROWS)


@pytest.mark.parametrize("reference", [by_pandas, by_pandas_plainly, by_polars, by_duckdb])
def test_a_reference_gives_every_output_of_the_engine(work: Work, reference: Callable[[Work], Floats]) -> None:
    """The year is 2,920 of the shortest half-lives, more than a float's exponent holds."""
    if reference is by_polars:
        pytest.importorskip("polars", reason="polars is not installed")
    assert difference(engine(work).T, reference(work)) < DIFFERENCE


def test_a_difference_of_one_output_is_found(work: Work) -> None:
    """One part in a million of one of all outputs."""
    ours, theirs = engine(work).T, engine(work).T
    theirs[7, np.argmax(theirs[7])] *= 1 + 1e-6
    assert difference(ours, theirs) == pytest.approx(1e-6)


def test_the_engine_sums_what_was_known(work: Work) -> None:
    """Expected: the definition Σ x · 2^(−age / h) written out, for some questions."""
    found = engine(work).reshape(ROWS, *LAYOUT.kept.shape, LAYOUT.columns)
    for question in range(0, ROWS, 499):
        for key, (told, asked) in enumerate(zip(work.told, work.asked, strict=True)):
            its = (told == asked[question]) & (work.known <= work.as_of[question])
            age = work.as_of[question] - work.known[its]
            weights = 2.0 ** (-age[:, None] / LAYOUT.half_lives)
            expected = np.stack([weights.sum(axis=0), work.late[its] @ weights], axis=1)
            np.testing.assert_allclose(found[question, key], expected, rtol=1e-12, atol=1e-290)


def test_event_by_event_gives_the_bits_of_the_scan(work: Work) -> None:
    """Every question that can be answered after some of the events, and after all of them."""
    scanned = engine(work)
    for count in (ROWS // 2, ROWS):
        questions, singly = event_by_event(work, count)
        assert singly.shape == (questions.size, OUTPUTS)
        assert count / 2 < questions.size <= ROWS
        np.testing.assert_array_equal(singly.view(np.int64), scanned[questions].view(np.int64))
