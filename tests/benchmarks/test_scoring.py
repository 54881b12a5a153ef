"""The table of scoring compares every score, and stops where one differs."""

import numpy as np
import pytest

from benchmarks import scoring
from benchmarks.scoring import Shape, fitted, same_bits, table
from models.boosted import Boosted

SMALL = (
    Shape("small", "binary", 5, 7, 3, 2, rows=400),
    Shape("small", "regression", 5, 7, 3, 0, rows=400),
    Shape("small", "multiclass", 3, 7, 3, 1, rows=400, classes=3),
)


def test_every_size_of_every_shape_has_a_line() -> None:
    """Three models at two sizes; each line ends with the verdict on the bits."""
    _, _, _, *rows = table(SMALL, {1: 20, 100: 300}, passes=1)
    assert len(rows) == 6
    assert all(row.endswith("| yes |") for row in rows)


def test_a_model_has_the_shape_it_is_named_for() -> None:
    """Trees of all classes, one split fewer than leaves at most."""
    booster = fitted(SMALL[2])
    assert booster.num_trees() == 9
    assert booster.num_feature() == 4
    splits = booster.trees_to_dataframe().groupby("tree_index")["split_feature"].count()
    assert 1 <= splits.max() <= 6


def test_one_bit_of_one_score_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table does not go on after it."""
    scores = np.array([0.5, 1.0])
    assert same_bits([scores], [scores.copy()])
    assert not same_bits([scores], [np.nextafter(scores, 2)])
    right = Boosted.margins
    monkeypatch.setattr(scoring.Boosted, "margins", lambda self, X: np.nextafter(right(self, X), np.inf))
    with pytest.raises(SystemExit, match="do not score to the bits"):
        list(table(SMALL[:1], {1: 20}, passes=1))
