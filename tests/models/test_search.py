"""A search for a recipe: taken only where it beats the default by more than luck; the same for the same seed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from models.artifact import Provenance, save_model
from models.recipe import AS_SET, Recipe
from models.search import bar, search
from models.tender_failure import fit_tender_failure
from store.current import folder_hash
from tests.models.synthetic import SMALL, answer_outcome, frame_of

TRIALS, ROWS = 30, 400


def losses(gain: Callable[[Recipe], float], noise: float = 1.0) -> Callable[[Recipe], Any]:
    """Folds that see a gain through noise of their own for each recipe."""

    def judged(recipe: Recipe) -> Any:
        drawn = np.random.default_rng(crc32(recipe.words().encode())).normal(size=ROWS)
        return SimpleNamespace(losses=5.0 - gain(recipe) + noise * drawn)

    return judged


@pytest.mark.parametrize("seed", range(5))
def test_luck_is_not_taken_for_skill(seed: int) -> None:
    """Recipes that are all alike: the best of thirty looks better than the default, yet the default is kept."""
    assert search(losses(lambda recipe: 0.0), AS_SET, TRIALS, seed) == AS_SET


def test_a_better_recipe_is_found_and_taken() -> None:
    """Small trees lose less by more than luck: the recipe found has small trees."""
    found = search(losses(lambda recipe: 2.0 * (recipe.leaves < 16)), AS_SET, TRIALS, 1)
    assert found.leaves < 16


def test_a_recipe_that_is_worse_is_never_taken() -> None:
    """Every drawn recipe loses more than the default."""
    assert search(losses(lambda recipe: -1.0 * (recipe != AS_SET), 0.1), AS_SET, TRIALS, 1) == AS_SET


def test_folds_that_cannot_tell_keep_the_default() -> None:
    """No fold has enough cases: nothing is tried."""
    tried: list[Recipe] = []

    def judged(recipe: Recipe) -> Any:
        tried.append(recipe)
        return SimpleNamespace(losses=np.empty(0))

    assert search(judged, AS_SET, TRIALS, 1) == AS_SET
    assert tried == [AS_SET]


def test_the_bar_rises_with_the_trials() -> None:
    """One standard error for a single trial; the best of a hundred must be three ahead."""
    assert bar(1) == 1.0
    assert bar(100) == pytest.approx(3.03, abs=0.01)


def test_a_searched_model_has_the_same_bytes(tmp_path: Path) -> None:
    """The same seed and trials: one folder, whatever the number of threads; and its recipe is kept with it."""
    frame = frame_of(1200)
    for threads in (1, 3):
        params = replace(SMALL, search_trials=3, threads=threads)
        model = fit_tender_failure(frame, answer_outcome(frame), params)
        save_model(model, Provenance("small", "", "", "", "", 5), tmp_path / str(threads))
    assert folder_hash(tmp_path / "1") == folder_hash(tmp_path / "3")
