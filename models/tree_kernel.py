"""The compiled walk through LightGBM's trees: eight walks at once, no branch for the processor to guess wrong.

A walk waits for memory at every step. So eight go side by side: eight rows through one tree, or one row through eight
trees. Only the walking is interleaved; leaves are added tree by tree, as LightGBM adds them, so the bits are the same.

A node is 16 bytes, nodes of a tree lie together, the two children of a node side by side:

- a number's split: its threshold (8 bytes), the column it looks at (4), its left child (4); right is ``not x <= t``, so
  a missing value is encoded as −∞ where missing goes left, and as NaN where it goes right;
- a category's split: NaN whose low half says where its set of categories begins, then as above; right is
  ``not x <= NaN`` and not in the set. The set that begins at word 0, which numbers ask, is empty;
- a leaf: its value, column 0, which is −∞ in every row, and itself: who is there stays there.

Everything is unsigned, because Python's negative indices would cost two instructions each.
No fastmath: the sums must round as LightGBM's do.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled, within

LANES = 8
"""Walks at once."""
ZERO = float(np.float32(1e-35))
"""What is no further than this from 0 is 0 (``kZeroThreshold``, meta.h)."""
U = np.uint64


class Forest(NamedTuple):
    """All trees of a model.

    Attributes
    ----------
    nodes, links
        Shapes (2 · nodes,) and (4 · nodes,): the same memory, read as floats and as half as long integers.
    sets
        Shape (words,): sets of categories, a bit each; the first word is empty.
    roots
        Shape (trees,): a multiple of :data:`LANES`; what is too many are leaves of value 0.
    features
        Shape (columns,): which feature each column encodes; column 0 is −∞ whatever the row.
    when_missing, when_zero
        Shape (columns,): what a number's column holds where its feature is NaN, or no further than ``ZERO`` from 0.
    unknown
        Shape (columns,): the code of every category that no set of a category's column holds, above all that some do.
    first_category
        Columns of categories begin here.
    classes
        Scores of a row; tree t adds to score t mod ``classes``.
    """

    nodes: NDArray[np.float64]
    links: NDArray[np.uint32]
    sets: NDArray[np.uint64]
    roots: NDArray[np.uint32]
    features: NDArray[np.int64]
    when_missing: NDArray[np.float64]
    when_zero: NDArray[np.float64]
    unknown: NDArray[np.int64]
    first_category: int
    classes: int


class Rows(NamedTuple):
    """Encoded rows, one after the other, shapes (rows · columns,): numbers; codes of categories, 0 for a number."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.uint64]


@within
def column_of(forest: Forest, node: U) -> U:
    """The column a node looks at; 0 for a leaf."""
    return U(forest.links[node * U(4) + U(2)])


@within
def step(forest: Forest, rows: Rows, begin: U, node: U) -> U:
    """The child that the row whose columns begin at ``begin`` goes to; from a leaf the leaf itself."""
    column = column_of(forest, node)
    right = U(not (rows.numbers[begin + column] <= forest.nodes[node * U(2)]))
    asked = forest.links[node * U(4)] & (U(0) - U(column >= U(forest.first_category)))
    code = rows.codes[begin + column]
    in_set = forest.sets[asked + (code >> U(6))] >> (code & U(63))
    return U(forest.links[node * U(4) + U(3)] + (right & ~in_set))


@within
def walk(forest: Forest, rows: Rows, apart: U, a: U, b: U, c: U, d: U, e: U, f: U, g: U, h: U) -> tuple[U, ...]:
    """Leaves that eight walks reach from eight nodes, in rows whose columns begin ``apart`` from one another."""
    while (
        column_of(forest, a) | column_of(forest, b) | column_of(forest, c) | column_of(forest, d)
        | column_of(forest, e) | column_of(forest, f) | column_of(forest, g) | column_of(forest, h)
    ):  # fmt: skip
        a = step(forest, rows, U(0), a)
        b = step(forest, rows, apart, b)
        c = step(forest, rows, U(2) * apart, c)
        d = step(forest, rows, U(3) * apart, d)
        e = step(forest, rows, U(4) * apart, e)
        f = step(forest, rows, U(5) * apart, f)
        g = step(forest, rows, U(6) * apart, g)
        h = step(forest, rows, U(7) * apart, h)
    return a, b, c, d, e, f, g, h


@within
def encode(forest: Forest, X: NDArray[np.float64], row: int, rows: Rows, begin: int) -> None:
    """Write the columns of a row from ``begin`` on. A category is what is left of a number without its fraction."""
    rows.numbers[begin] = -np.inf
    for column in range(1, forest.first_category):
        x = X[row, forest.features[column]]
        known = forest.when_zero[column] if abs(x) <= ZERO else x
        rows.numbers[begin + column] = forest.when_missing[column] if np.isnan(x) else known
    for column in range(forest.first_category, forest.features.size):
        x = X[row, forest.features[column]]
        held = x > -1.0 and x < forest.unknown[column]
        rows.codes[begin + column] = U(np.int64(x) if held else forest.unknown[column])


@within
def add_eight_rows(forest: Forest, rows: Rows, apart: U, scores: NDArray[np.float64], row: int) -> None:
    """Add every tree's leaf to the scores of eight rows from ``row`` on: each tree is walked by all eight."""
    told = 0
    for tree in range(forest.roots.size):
        root = U(forest.roots[tree])
        leaves = walk(forest, rows, apart, root, root, root, root, root, root, root, root)
        for k in range(LANES):
            scores[row + k, told] += forest.nodes[leaves[k] * U(2)]
        told = told + 1 if told + 1 < forest.classes else 0


@within
def add_one_row(forest: Forest, rows: Rows, scores: NDArray[np.float64], row: int) -> None:
    """Add every tree's leaf to the scores of one row, which walks through eight trees at once."""
    told = 0
    for tree in range(0, forest.roots.size, LANES):
        eight = forest.roots[tree : tree + LANES]
        a, b, c, d = U(eight[0]), U(eight[1]), U(eight[2]), U(eight[3])
        e, f, g, h = U(eight[4]), U(eight[5]), U(eight[6]), U(eight[7])
        leaves = walk(forest, rows, U(0), a, b, c, d, e, f, g, h)
        for k in range(LANES):
            scores[row, told] += forest.nodes[leaves[k] * U(2)]
            told = told + 1 if told + 1 < forest.classes else 0


@compiled
def add_scores(forest: Forest, X: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
    """Add every tree's leaf to ``scores``, shape (n, classes), of n rows, shape (n, features), both C-contiguous."""
    width = forest.features.size
    rows = Rows(np.zeros(LANES * width), np.zeros(LANES * width, np.uint64))
    many = X.shape[0] - X.shape[0] % LANES
    for row in range(0, many, LANES):
        for k in range(LANES):
            encode(forest, X, row + k, rows, k * width)
        add_eight_rows(forest, rows, U(width), scores, row)
    for row in range(many, X.shape[0]):
        encode(forest, X, row, rows, 0)
        add_one_row(forest, rows, scores, row)
