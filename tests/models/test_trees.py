"""Trees score to the bits of LightGBM: random models, random texts, the models we train; and what is none of ours."""

import subprocess
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WrongModel
from domain.predictions import ModelName
from models.artifact import Provenance, save_model
from models.boosted import Boosted
from models.trees import read_trees
from tests.models.forests import QUIET, WIDTH, of_lightgbm, rows_for, same_bits, trained, written
from tests.models.synthetic import frame_of

SEEDS = st.integers(0, 2**32 - 1)
OBJECTIVES = (
    {"objective": "binary"},
    {"objective": "regression"},
    {"objective": "quantile", "alpha": 0.9},
    {"objective": "huber"},
    {"objective": "poisson"},
    {"objective": "cross_entropy"},
    {"objective": "multiclass", "num_class": 3},
    {"objective": "multiclassova", "num_class": 3},
)
MISSING = ({}, {"zero_as_missing": True}, {"use_missing": False})
NEW = frame_of(300, seed=9, stages=("release", "AF", "X6"))
NOBODY = Provenance("small", "", "", "", "", 5)
SERVE = """
import sys
from pathlib import Path
from models.artifact import load_model
from tests.models.synthetic import frame_of
for folder in Path(sys.argv[1]).iterdir():
    load_model(folder)[0].predict(frame_of(40))
print(sorted({"lightgbm", "sklearn"} & set(sys.modules)))
"""


def agree(booster: lightgbm.Booster, text: str, X: np.ndarray) -> None:
    """All rows at once, in parts of every size up to two eights, and one by one."""
    trees, expected = read_trees(text), of_lightgbm(booster, X)
    assert same_bits(np.ascontiguousarray(trees.score(X)), expected)
    begin = 0
    for size in range(1, 18):
        part = slice(begin, begin + size)
        assert same_bits(np.ascontiguousarray(trees.score(X[part])), expected[part])
        begin += size
    for row in range(20):
        assert same_bits(np.ascontiguousarray(trees.score(X[row : row + 1])), of_lightgbm(booster, X[row : row + 1]))


@settings(max_examples=60, deadline=None)
@given(
    seed=SEEDS,
    rows=st.integers(20, 400),
    trees=st.integers(1, 60),
    leaves=st.integers(2, 40),
    objective=st.sampled_from(OBJECTIVES),
    missing=st.sampled_from(MISSING),
    boosting=st.sampled_from(["gbdt", "dart"]),
    onehot=st.sampled_from([1, 4, 200]),
)
def test_a_trained_model_scores_to_lightgbms_bits(seed, rows, trees, leaves, objective, missing, boosting, onehot):
    """Every objective, every way of missing, categories of few and of many values; rows at every threshold."""
    random = np.random.default_rng(seed)
    shape = {"num_leaves": leaves, "min_data_in_leaf": 2, "min_data_per_group": 2, "max_cat_to_onehot": onehot}
    booster = trained(random, rows, trees, {**objective, **missing, **shape, "boosting": boosting, "cat_smooth": 1.0})
    splits = booster.trees_to_dataframe()["threshold"].dropna()
    thresholds = np.array([float(value) for value in splits if "||" not in str(value)] or [0.0])
    agree(booster, booster.model_to_string(), rows_for(random, 200, thresholds))


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, trees=st.integers(0, 20), leaves=st.integers(1, 70), classes=st.sampled_from([1, 1, 3]))
def test_a_text_scores_to_lightgbms_bits(seed, trees, leaves, classes):
    """One feature may be missing in another way at each split; leaves of any magnitude are added in order."""
    random = np.random.default_rng(seed)
    text = written(random, trees, leaves, classes)
    X = rows_for(random, 200, random.normal(size=3))
    agree(lightgbm.Booster(model_str=text), text, X)


@pytest.mark.parametrize(("begin", "trees"), [(0, 5), (5, 7), (0, -1)])
def test_some_trees_of_a_booster_score_to_lightgbms_bits(begin, trees):
    """As folds ask while it is learning: trees from one on, so many or all, summed from nothing."""
    random = np.random.default_rng(3)
    booster = trained(random, 400, 20, {"objective": "binary", "num_leaves": 8, "min_data_in_leaf": 5})
    X = rows_for(random, 200, random.normal(size=3))
    expected = booster.predict(X, raw_score=True, start_iteration=begin, num_iteration=trees, num_threads=1)
    assert same_bits(Boosted.of(booster, begin, trees).margins(X), np.ascontiguousarray(expected))
    first, rest = (Boosted.of(booster, *part).trees for part in ((0, 9), (9, 11)))
    assert same_bits(rest.score(X, first.score(X)), of_lightgbm(booster, X))


@pytest.mark.parametrize("name", list(ModelName))
def test_a_model_predicts_what_it_would_through_lightgbm(fitted, monkeypatch, name):
    """Whole predictions are bit-equal: many rows at once, and each alone."""
    ours = fitted[name].predict(NEW)
    alone = pd.concat([fitted[name].predict(NEW.iloc[[row]]) for row in range(20)])
    pd.testing.assert_frame_equal(alone, ours.head(20), check_exact=True)
    monkeypatch.setattr(Boosted, "margins", lambda self, X: of_lightgbm(self.booster, X))
    pd.testing.assert_frame_equal(ours, fitted[name].predict(NEW), check_exact=True)


def test_serving_imports_no_lightgbm(fitted, tmp_path):
    """Models are loaded and predict from their text; only learning and explaining need the library."""
    for name, model in fitted.items():
        save_model(model, NOBODY, tmp_path / name)
    run = [sys.executable, "-c", SERVE, str(tmp_path)]
    done = subprocess.run(run, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_of_any_layout_score_alike():
    """Column by column in memory, every second row, or no row at all."""
    random = np.random.default_rng(3)
    booster = trained(random, 200, 10, {"objective": "binary"})
    trees, X = read_trees(booster.model_to_string()), rows_for(random, 30, np.zeros(1))
    assert same_bits(trees.score(np.asfortranarray(X)), of_lightgbm(booster, X))
    assert same_bits(trees.score(X[::2]), of_lightgbm(booster, X)[::2].copy())
    assert trees.score(X[:0]).shape == (0,)


@pytest.mark.parametrize("shape", [(2, WIDTH - 1), (2, WIDTH + 1), (WIDTH,)])
def test_rows_of_another_width_are_refused(shape):
    """A wrong matrix is a defect, and is not read beyond its end."""
    text = written(np.random.default_rng(0), 3, 5, 1)
    with pytest.raises(ValueError, match=f"rows of {WIDTH} features"):
        read_trees(text).score(np.zeros(shape))


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"objective": "regression", "linear_tree": True}, "linear trees"),
        ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "random forest"),
    ],
)
def test_kinds_that_are_not_scored_are_refused(params, said):
    """Both are LightGBM's, and neither is trained here."""
    random = np.random.default_rng(1)
    X = random.normal(size=(300, 3))
    booster = lightgbm.train(QUIET | params, lightgbm.Dataset(X, (X[:, 0] > 0) * 1.0, params=QUIET | params), 3)
    with pytest.raises(WrongModel, match=said):
        read_trees(booster.model_to_string())


def test_a_text_of_another_version_is_refused(tmp_path):
    """As is what is no model, or has a leaf that is no number."""
    text = written(np.random.default_rng(0), 3, 5, 1)
    first = text.partition("leaf_value=")[2].split()[0]
    for wrong in (text.replace("v4", "v5"), "{}", "", text.replace(f"={first} ", "=nan ")):
        (tmp_path / "wrong.txt").write_text(wrong)
        with pytest.raises(WrongModel, match="train again"):
            Boosted.load(tmp_path / "wrong.txt")
