"""Microseconds of processor to score a row: ``Booster.predict`` on one thread, and the compiled trees, bit for bit.

Models of the shapes we train, and the larger ones that others measure with. Rows are cycled, because a row that is
replayed finds its nodes in the cache and its branches foreseen. ``python -m benchmarks.scoring``. Table in Markdown.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import lightgbm
import numpy as np

from domain.params import TrainingParams
from models.boosted import MANY_ROWS, ONE_THREAD, Array, Boosted
from models.boosting import parameters

VALUES = 200
"""Values of a category, some frequent, most rare."""
GAPS = 0.1
"""Share of cells that are not known."""
CYCLED = {1: 2_000, 1_000: 10_000, 100_000: 100_000}
"""Rows at once, and how many different ones are gone through."""
PASSES = 3
"""The two ways take turns, and the fastest pass of each counts: other work on the machine slows some."""
SEED = 20265


@dataclass(frozen=True)
class Shape:
    """A model: ``numbers`` and ``categories`` are its columns, ``rows`` what it learns from."""

    name: str
    objective: str
    trees: int
    leaves: int
    numbers: int
    categories: int
    rows: int = 60_000
    classes: int = 1

    def __str__(self) -> str:
        """As the table has it."""
        each = f"{self.classes} × " if self.classes > 1 else ""
        columns = f"{self.numbers} numbers" + (f", {self.categories} categories" if self.categories else "")
        return f"{self.name}: {each}{self.trees} trees × {self.leaves} leaves, {columns}"


SHAPES = (
    Shape("a head of ours", "binary", 100, 31, 80, 18),
    Shape("a centre of ours", "regression", 100, 31, 80, 18),
    Shape("a small head of ours", "binary", 60, 15, 80, 18, rows=20_000),
    Shape("numbers only", "binary", 300, 63, 40, 0),
    Shape("with categories", "binary", 300, 63, 40, 6),
    Shape("many classes", "multiclass", 100, 31, 40, 6, classes=4),
)


def rows_of(shape: Shape, count: int, random: np.random.Generator) -> Array:
    """Rows with gaps; shape (count, columns), the categories last."""
    X = random.normal(size=(count, shape.numbers + shape.categories))
    X[:, shape.numbers :] = np.floor(VALUES * random.random((count, shape.categories)) ** 2)
    X[random.random(X.shape) < GAPS] = np.nan
    return X


def fitted(shape: Shape) -> lightgbm.Booster:
    """A booster with our parameters, of outcomes to which every column has something to say."""
    random = np.random.default_rng(SEED)
    X = rows_of(shape, shape.rows, random)
    Z = np.nan_to_num(X)
    effects = random.normal(size=(Z.shape[1], VALUES))
    said = [effects[k, Z[:, k].astype(int)] for k in range(shape.numbers, Z.shape[1])]
    score = Z[:, : shape.numbers] @ random.normal(size=shape.numbers) / 3 + np.sin(3 * Z[:, 0]) * Z[:, 1]
    score = score + np.sum(said, axis=0) / 2 + random.logistic(size=len(Z))
    edges = np.quantile(score, np.arange(1, max(2, shape.classes)) / max(2, shape.classes))
    y = score if shape.objective == "regression" else np.digitize(score, edges).astype(float)
    params = parameters(TrainingParams(leaves=shape.leaves), shape.objective, 10**9) | {"num_class": shape.classes}
    categories = list(range(shape.numbers, X.shape[1]))
    data = lightgbm.Dataset(X, y, categorical_feature=categories, params={"verbosity": -1, **ONE_THREAD})
    return lightgbm.train(params, data, num_boost_round=shape.trees)


def lines(shape: Shape, cycled: dict[int, int], passes: int) -> Iterator[str]:
    """One line for each number of rows at once.

    Raises
    ------
    SystemExit
        If a score is not the same to the last bit.
    """
    booster = fitted(shape)
    ours = Boosted(booster.model_to_string())
    X = rows_of(shape, max(cycled.values()), np.random.default_rng(SEED + 1))
    for size, rows in cycled.items():
        parts = [X[begin : begin + min(size, MANY_ROWS)] for begin in range(0, rows, min(size, MANY_ROWS))]
        ways = (lambda part: booster.predict(part, raw_score=True, **ONE_THREAD), ours.margins)
        if not same_bits(*([np.asarray(way(part)) for part in parts] for way in ways)):
            raise SystemExit(f"{shape}: {size:,} rows at once do not score to the bits of LightGBM")
        theirs_us, ours_us = (seconds / rows * 1e6 for seconds in fastest(ways, parts, passes))
        yield f"| {shape} | {size:,} | {theirs_us:.1f} | {ours_us:.1f} | {theirs_us / ours_us:.1f} × | yes |"


def same_bits(theirs: list[Array], ours: list[Array]) -> bool:
    """Whether all scores of all parts are the same bits."""
    pairs = zip(theirs, ours, strict=True)
    return all(np.array_equal(one.view(np.int64), np.ascontiguousarray(other).view(np.int64)) for one, other in pairs)


def fastest(ways: tuple[Callable[[Array], Array], ...], parts: list[Array], passes: int) -> list[float]:
    """Seconds of processor that each way's fastest pass through all parts took, by turns."""
    seconds = [np.inf] * len(ways)
    for _ in range(passes):
        for k, way in enumerate(ways):
            begun = time.process_time()
            for part in parts:
                way(part)
            seconds[k] = min(seconds[k], time.process_time() - begun)
    return seconds


def table(shapes: tuple[Shape, ...] = SHAPES, cycled: dict[int, int] = CYCLED, passes: int = PASSES) -> Iterator[str]:
    """Lines of Markdown."""
    yield "### Scoring: microseconds of processor a row, one thread\n"
    yield "| model | rows at once | Booster.predict | ours | ratio | same bits |"
    yield "|---|---|---|---|---|---|"
    for shape in shapes:
        yield from lines(shape, cycled, passes)


if __name__ == "__main__":
    for one in table():
        print(one, flush=True)
