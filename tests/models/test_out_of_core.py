"""Learned from rows in a file: the bytes of what is learned from the same rows in memory, which never hold them all."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import out_of_core
from models.boosted import Array
from models.boosting import Table, fit_tuned
from models.out_of_core import FileRows, write_rows
from models.staged import fit_staged
from tests.models.synthetic import SMALL

ROWS, WIDTH = 3_000, 9
STAGES = np.array(["release", "AF", "AF"] * (ROWS // 3))


def matrix(rows: int = ROWS, seed: int = 0) -> Array:
    """Numbers with gaps, few values, ones and zeros, and two categories."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, WIDTH))
    X[:, 3], X[:, 4] = np.round(X[:, 3]), X[:, 4] > 1.5
    X[random.random(X.shape) < 0.1] = np.nan
    X[:, 7:] = np.floor(30 * random.random((rows, 2)) ** 2)
    return X


def table(X: Array) -> Table:
    y = np.nan_to_num(X[:, 0]) + X[:, 7] / 10 + np.random.default_rng(1).logistic(size=len(X)) > 1
    return Table(X, y.astype(np.float64), tuple(f"c{k}" for k in range(WIDTH)), [7, 8])


def filed(folder: Path, X: Array, block: int = 700) -> FileRows:
    return write_rows(folder / "rows", X.shape[1], (X[begin : begin + block] for begin in range(0, len(X), block)))


@pytest.mark.parametrize("objective", ["binary", "regression"])
@pytest.mark.parametrize("batch", [64, 4096])
@pytest.mark.parametrize("selected", [1_200, 60_000])
def test_a_booster_learned_from_a_file_has_the_bytes_of_one_from_memory(
    tmp_path, monkeypatch, objective, batch, selected
):
    """Whether folds judge all rows or the latest only, in batches with a rest and in one."""
    monkeypatch.setattr(FileRows, "batch_size", batch)
    params, inside = replace(SMALL, selection_rows=selected), table(matrix())
    expected = fit_tuned(inside, objective, params)
    found = fit_tuned(replace(inside, X=filed(tmp_path, inside.X)), objective, params)
    assert found.booster.text == expected.booster.text
    np.testing.assert_array_equal(found.judged, expected.judged)


def test_bins_are_cut_from_the_same_sample(tmp_path, monkeypatch):
    """Where not every row is sampled, as with more than LightGBM's 200,000, both ways draw the same rows."""
    from models import boosting

    whole = boosting.parameters
    monkeypatch.setattr(boosting, "parameters", lambda *how: whole(*how) | {"bin_construct_sample_cnt": 500})
    inside = table(matrix())
    for seed in (1, 2):
        params = replace(SMALL, seed=seed)
        expected = fit_tuned(inside, "binary", params).booster.text
        assert fit_tuned(replace(inside, X=filed(tmp_path, inside.X)), "binary", params).booster.text == expected
        assert "[bin_construct_sample_cnt: 500]" in expected


def test_stages_of_their_own_learn_from_their_rows_of_the_file(tmp_path):
    """Pooled and own boosters, side by side, and their mean."""
    inside, params = table(matrix()), replace(SMALL, threads=3)
    expected, judged = fit_staged(inside, STAGES, "binary", params)
    found, judged_there = fit_staged(replace(inside, X=filed(tmp_path, inside.X)), STAGES, "binary", params)
    assert found == expected
    assert set(found.own) == {"AF", "release"}
    np.testing.assert_array_equal(judged_there, judged)
    np.testing.assert_array_equal(found.margin(filed(tmp_path, inside.X), STAGES), expected.margin(inside.X, STAGES))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rows_of_a_file_are_chosen_as_those_of_an_array(tmp_path_factory, data):
    """Slices, single rows, places and answers, of all and of rows that were chosen before."""
    X = matrix(data.draw(st.integers(1, 40)))
    found = filed(tmp_path_factory.mktemp("rows"), X, block=7)
    found.batch_size = data.draw(st.integers(1, 50))
    for _ in range(data.draw(st.integers(0, 2))):
        mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(X), max_size=len(X))), dtype=bool)
        chosen = mask if data.draw(st.booleans()) else np.flatnonzero(mask)
        X, found = X[chosen], found[chosen]
    assert found.shape == X.shape == (len(found), WIDTH)
    stretch = data.draw(st.slices(len(X)))
    np.testing.assert_array_equal(found[stretch], X[stretch])
    for place in range(len(X)):
        np.testing.assert_array_equal(found[place], X[place])


def test_the_numbers_are_never_all_in_memory(tmp_path):
    """Of 38 MB in the file, numpy holds no more than a third at any time while they are sampled and read through."""
    rows, width = 60_000, 80
    random = np.random.default_rng(0)
    file = write_rows(tmp_path / "rows", width, (random.normal(size=(5_000, width)) for _ in range(rows // 5_000)))
    sampled = np.sort(random.choice(rows, 2_000, replace=False))
    tracemalloc.start()
    kept = [file[int(place)] for place in sampled]
    total = sum(float(file[begin : begin + out_of_core.BATCH].sum()) for begin in range(0, rows, out_of_core.BATCH))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(kept) == 2_000
    assert np.isfinite(total)
    assert peak < rows * width * 8 / 3
