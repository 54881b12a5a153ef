"""Random models of LightGBM's, trained or written out as text, and rows that look for their edges."""

from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
QUIET = {"verbosity": -1, "num_threads": 1, "deterministic": True}
NUMBERS, CATEGORIES = 4, 2
WIDTH = NUMBERS + CATEGORIES
ZERO = float(np.float32(1e-35))
EDGES = np.array(
    [
        *(0.0, -0.0, ZERO, -ZERO, np.nextafter(ZERO, 1), -np.nextafter(ZERO, 1), np.nextafter(ZERO, 0), 1e-36, 5e-324),
        *(np.nan, np.inf, -np.inf, 1e300, -1e300, np.finfo(np.float64).max, 1.0, -1.0, 0.5, -0.5, -0.999, -1.001),
        *(2.0, 3.7, 31.0, 32.0, 33.0, 63.0, 64.0, 65.0, 95.0, 96.0, 127.0, 128.0, 1000.0, 1e6),
        *(2.0**31 - 1, 2.0**31, 2.0**31 + 3, -(2.0**31), 2.0**32, 2.0**32 + 3, 2.0**63, 2.0**64 + 3, -(2.0**64)),
    ]
)


def same_bits(one: Array, other: Array) -> bool:
    """Whether all floats are the same, the sign of zero and NaN included."""
    return one.shape == other.shape and bool((one.view(np.int64) == other.view(np.int64)).all())


def of_lightgbm(booster: lightgbm.Booster, X: Array) -> Array:
    """Raw scores by LightGBM's own way."""
    return np.ascontiguousarray(booster.predict(X, raw_score=True, num_threads=1))


def trained(random: np.random.Generator, rows: int, trees: int, params: dict[str, Any]) -> lightgbm.Booster:
    """A booster of random data: numbers with gaps, zeros, tiny and endless values; categories, rare and missing."""
    X = random.normal(size=(rows, WIDTH))
    odd = random.random(X.shape) < random.choice([0.0, 0.05, 0.4], size=WIDTH)
    X[odd] = random.choice([0.0, np.nan, 1e-36, -1e-36, 1e300, np.inf, -np.inf], size=int(odd.sum()))
    many = random.choice([2, 5, 40, 150], size=CATEGORIES)
    X[:, NUMBERS:] = np.floor(many * random.random((rows, CATEGORIES)) ** 3)
    X[:, NUMBERS:][random.random((rows, CATEGORIES)) < 0.1] = random.choice([np.nan, -1.0])
    effect = random.normal(size=151)[np.clip(np.nan_to_num(X[:, NUMBERS]), 0, 150).astype(int)]
    signal = np.nan_to_num(np.clip(X[:, 0], -3, 3)) + effect + random.normal(size=rows)
    classes = params.get("num_class", 2)
    labels = np.clip(np.digitize(signal, [-0.5, 0.5]), 0, classes - 1).astype(float)
    y = signal if params["objective"] in ("regression", "quantile", "huber") else labels
    data = lightgbm.Dataset(X, y, categorical_feature=list(range(NUMBERS, WIDTH)), params=QUIET | params)
    return lightgbm.train(QUIET | params, data, num_boost_round=trees)


def written(random: np.random.Generator, trees: int, leaves: int, classes: int) -> str:
    """A model as text that no training would give: any way of missing at any split, leaves of any magnitude."""
    header = f"""tree
version=v4
num_class={classes}
num_tree_per_iteration={classes}
label_index=0
max_feature_idx={WIDTH - 1}
objective=regression
feature_names={" ".join(f"f{k}" for k in range(WIDTH))}
feature_infos={" ".join(["none"] * WIDTH)}
"""
    told = [_tree(random, k, int(random.integers(1, leaves + 1))) for k in range(trees * classes)]
    return "\n".join([header, *told, "end of trees\n"])


def rows_for(random: np.random.Generator, count: int, thresholds: Array) -> Array:
    """Rows of edges, of thresholds with the floats beside them, of categories and of plain numbers."""
    edge = np.concatenate([thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf), EDGES])
    X = random.choice(edge, size=(count, WIDTH))
    plain = random.random(X.shape) < 0.4
    X[plain] = random.normal(size=int(plain.sum()))
    category = random.random((count, CATEGORIES)) < 0.7
    X[:, NUMBERS:][category] = random.integers(-1, 160, size=int(category.sum()))
    return X


def _tree(random: np.random.Generator, number: int, leaves: int) -> str:
    left, right, at = [], [], {0: (None, 0)}
    for split in range(leaves - 1):
        leaf = int(random.integers(0, split + 1))
        children, place = at[leaf]
        if children is not None:
            children[place] = split
        left.append(~leaf)
        right.append(~(split + 1))
        at[leaf], at[split + 1] = (left, split), (right, split)
    features = random.integers(0, WIDTH, leaves - 1)
    categorical = features >= NUMBERS
    decisions = np.where(categorical, 1 | random.choice([0, 8]), random.choice([0, 2, 4, 6, 8, 10], leaves - 1))
    thresholds = random.choice([0.0, ZERO, -ZERO, 1e-36, 1e300, -1e300, 0.5, *random.normal(size=9)], leaves - 1)
    thresholds[categorical] = np.arange(categorical.sum())
    sets = [random.integers(0, 2**32, random.integers(1, 5)) for _ in range(int(categorical.sum()))]
    fields: dict[str, Any] = {
        "num_leaves": [leaves],
        "num_cat": [len(sets)],
        "split_feature": features,
        "split_gain": np.zeros(leaves - 1),
        "threshold": thresholds,
        "decision_type": decisions,
        "left_child": left,
        "right_child": right,
        "leaf_value": random.normal(size=leaves) * 10.0 ** random.integers(-30, 16, leaves),
    }
    if sets:
        fields["cat_boundaries"] = np.cumsum([0, *map(len, sets)])
        fields["cat_threshold"] = np.concatenate(sets)
    said = {name: " ".join(format(v, ".17g") for v in values) for name, values in fields.items()}
    return "\n".join([f"Tree={number}", *(f"{k}={v}" for k, v in said.items()), "is_linear=0", "shrinkage=1", "\n"])
