"""LightGBM's trees read from a model's text and scored by `tree_kernel.py`, to the bits of ``Booster.predict``.

The text is LightGBM's format v4 (``Tree::ToString``, tree.cpp): numbers are written so that they are read back exactly.
What is none of ours is refused: linear trees, and random forests, whose trees are averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongModel
from models.tree_kernel import LANES, Forest, add_scores

FORMAT = "v4"
CATEGORICAL, DEFAULT_LEFT, KINDS = 1, 2, 16
"""Bits of a split's ``decision_type``, and how many such types there are; the two bits above say what is missing."""
NONE_IS_MISSING, ZERO_IS_MISSING = 0, 1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Fields = dict[str, str]


@dataclass(frozen=True)
class Trees:
    """A model that scores; ``features`` is how many a row has."""

    forest: Forest
    features: int

    def score(self, X: Floats, onto: Floats | None = None) -> Floats:
        """Raw scores of n rows, shape (n,), or (n, classes) where a model tells more than one.

        Parameters
        ----------
        onto
            Of the same shape: scores by earlier trees, which these go on from.

        Raises
        ------
        ValueError
            If the rows have another number of features than the model was trained on.
        """
        if X.ndim != 2 or X.shape[1] != self.features:
            raise ValueError(f"expected rows of {self.features} features, but they have shape {X.shape}")
        shape = len(X), self.forest.classes
        scores = np.zeros(shape) if onto is None else onto.reshape(shape).copy()
        add_scores(self.forest, np.ascontiguousarray(X, np.float64), scores)
        return scores[:, 0] if self.forest.classes == 1 else scores


def read_trees(text: str) -> Trees:
    """Read a model's text.

    Raises
    ------
    WrongModel
        If it is no text of LightGBM's, or of a kind that is not scored here.
    """
    header, *parts = text.partition("\nend of trees")[0].split("\nTree=")
    said, trees = _fields(header), [_fields(part) for part in parts]
    _check(said, trees)
    splits = _splits(trees)
    encoding = _encoding(splits)
    sets, begins = _sets(splits, encoding)
    nodes, roots = _nodes(splits, encoding, begins)
    forest = Forest(
        nodes,
        nodes.view(np.uint32),
        sets,
        roots,
        encoding.features,
        encoding.when_missing,
        encoding.when_zero,
        encoding.unknown,
        encoding.first_category,
        int(said["num_tree_per_iteration"]),
    )
    return Trees(forest, int(said["max_feature_idx"]) + 1)


def _fields(part: str) -> Fields:
    pairs = (line.partition("=") for line in part.split("\n"))
    return {name: value for name, _, value in pairs}


def _check(said: Fields, trees: Sequence[Fields]) -> None:
    if said.get("version") != FORMAT:
        raise WrongModel(
            f"expected a LightGBM model's text of {FORMAT}, but it is of {said.get('version')}; train again"
        )
    if "average_output" in said:
        raise WrongModel("a random forest's trees are averaged, which is not scored here; train with boosting=gbdt")
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise WrongModel("linear trees are not scored here; train with linear_tree=false")


@dataclass(frozen=True)
class _Splits:
    """Splits and leaves of all trees, one tree after the other.

    Attributes
    ----------
    leaves
        Shape (trees,): leaves of each; its splits are one fewer.
    values
        Shape (Σ leaves,): what each leaf adds.
    features, decisions, left, right, thresholds
        Shape (Σ splits,). Children are places among their tree's splits, or ~place among its leaves; the threshold of a
        category's split is a place among its tree's sets.
    sets
        Bits of each category's split, in the order of the splits.
    """

    leaves: Ints
    values: Floats
    features: Ints
    decisions: Ints
    left: Ints
    right: Ints
    thresholds: Floats
    sets: list[NDArray[np.uint32]]

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which splits ask for a category, shape (Σ splits,)."""
        return (self.decisions & CATEGORICAL) > 0


def _splits(trees: Sequence[Fields]) -> _Splits:
    values = _floats(trees, "leaf_value")
    if np.isnan(values).any():
        raise WrongModel("a leaf's value is NaN; train again")
    leaves, decisions, thresholds = (
        _ints(trees, "num_leaves"),
        _ints(trees, "decision_type"),
        _floats(trees, "threshold"),
    )
    places = np.where((decisions & CATEGORICAL) > 0, thresholds, np.nan)
    of_tree = np.split(places, np.cumsum(leaves - 1)[:-1])
    sets = [_sets_of(tree, of) for tree, of in zip(trees, of_tree, strict=False) if tree["num_cat"] != "0"]
    return _Splits(
        leaves,
        values,
        _ints(trees, "split_feature"),
        decisions,
        _ints(trees, "left_child"),
        _ints(trees, "right_child"),
        thresholds,
        list(chain.from_iterable(sets)),
    )


def _floats(trees: Sequence[Fields], name: str) -> Floats:
    return np.fromiter(map(float, chain.from_iterable(tree[name].split() for tree in trees)), np.float64)


def _ints(trees: Sequence[Fields], name: str) -> Ints:
    return np.fromiter(map(int, chain.from_iterable(tree[name].split() for tree in trees)), np.int64)


def _sets_of(tree: Fields, places: Floats) -> list[NDArray[np.uint32]]:
    """Bits of each category's split, in the order of the splits; ``places`` of their sets, NaN for a number's split."""
    edges, words = _ints([tree], "cat_boundaries"), _ints([tree], "cat_threshold").astype(np.uint32)
    return [words[edges[place] : edges[place + 1]] for place in places[~np.isnan(places)].astype(np.int64)]


@dataclass(frozen=True)
class _Encoding:
    """Columns that rows are encoded in, as :class:`Forest` has them, and the column of each split.

    A number has a column for each way in which splits treat what is missing.
    """

    features: Ints
    when_missing: Floats
    when_zero: Floats
    unknown: Ints
    first_category: int
    column: Ints


def _encoding(splits: _Splits) -> _Encoding:
    categorical = splits.categorical
    kinds, of_number = np.unique((splits.features * KINDS + splits.decisions)[~categorical], return_inverse=True)
    categories, of_category = np.unique(splits.features[categorical], return_inverse=True)
    first = 1 + kinds.size
    column = np.empty(splits.features.size, np.int64)
    column[~categorical], column[categorical] = 1 + of_number, first + of_category
    missing, left = kinds % KINDS >> 2, (kinds & DEFAULT_LEFT) > 0
    when_missing = np.where(missing == NONE_IS_MISSING, 0.0, np.where(left, -np.inf, np.nan))
    when_zero = np.where(missing == ZERO_IS_MISSING, when_missing, 0.0)
    held = np.zeros(categories.size, np.int64)
    np.maximum.at(held, of_category, [bits.size * 32 for bits in splits.sets])
    none, no_number = np.zeros(categories.size), np.zeros(first, np.int64)
    return _Encoding(
        np.concatenate([[0], kinds // KINDS, categories]),
        np.concatenate([[0.0], when_missing, none]),
        np.concatenate([[0.0], when_zero, none]),
        np.concatenate([no_number, held]),
        first,
        column,
    )


def _sets(splits: _Splits, encoding: _Encoding) -> tuple[NDArray[np.uint64], Ints]:
    """Words of all sets, wide enough for any code of their column, and where that of each category's split begins."""
    words = encoding.unknown[encoding.column[splits.categorical]] // 64 + 1
    begins = 1 + np.concatenate([[0], np.cumsum(words)])
    made = np.zeros(2 * begins[-1], np.uint32)
    for begin, bits in zip(begins, splits.sets, strict=False):
        made[2 * begin : 2 * begin + bits.size] = bits
    return made.view(np.uint64), begins[:-1]


def _nodes(splits: _Splits, encoding: _Encoding, begins: Ints) -> tuple[Floats, NDArray[np.uint32]]:
    """Nodes as the kernel has them, one leaf of value 0 last, and the root of each tree."""
    roots = np.concatenate([[0], np.cumsum(2 * splits.leaves - 1)])
    place, of_leaf, child = _places(splits, roots[:-1])
    nodes = np.zeros(2 * (roots[-1] + 1))
    links = nodes.view(np.uint32)
    nodes[2 * place] = np.where(splits.categorical, np.nan, splits.thresholds)
    links[4 * place[splits.categorical]] = begins
    links[4 * place + 2], links[4 * place + 3] = encoding.column, child
    nodes[2 * of_leaf], links[4 * of_leaf + 3] = splits.values, of_leaf
    links[-1] = roots[-1]
    spare = np.full(-splits.leaves.size % LANES, roots[-1])
    return nodes, np.concatenate([roots[:-1], spare]).astype(np.uint32)


def _places(splits: _Splits, roots: Ints) -> tuple[Ints, Ints, Ints]:
    """Where each split and each leaf is put, and where each split's children are: after the root, pair by pair."""
    counts = splits.leaves - 1
    begin, leaf_begin = np.cumsum(counts) - counts, np.cumsum(splits.leaves) - splits.leaves
    begins = np.repeat(begin, counts)
    child = np.repeat(roots, counts) + 1 + 2 * (np.arange(counts.sum()) - begins)
    place, of_leaf = np.repeat(roots, counts), np.repeat(roots, splits.leaves)
    for children, at in ((splits.left, child), (splits.right, child + 1)):
        inner = children >= 0
        place[(begins + children)[inner]] = at[inner]
        of_leaf[(np.repeat(leaf_begin, counts) + ~children)[~inner]] = at[~inner]
    return place, of_leaf, child
