"""Means of decayed sums, shrunk toward those of a parent."""

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled


@compiled
def shrunk_means(
    answers: NDArray[np.float64],
    parents: NDArray[np.int64],
    kept: NDArray[np.bool_],
    long: int,
    prior_weight: float,
) -> NDArray[np.float64]:
    """Means shrunk toward the parent's: (S + k·m) / (N + k).

    Parameters
    ----------
    answers
        Shape (n, entities, half-lives, 1 + values): N, then S of each value.
    parents
        Shape (entities,): an earlier entity; the first is the whole network, which has none: its means lean on its own
        at the ``long`` half-life, which is not shrunk.

    Returns
    -------
    Shape (n, entities, half-lives, values); NaN while nothing at all was known.
    """
    n, entities, spans, columns = answers.shape
    means = np.full((n, entities, spans, columns - 1), np.nan)
    for q in range(n):
        for v in range(columns - 1):
            if answers[q, 0, long, 0] == 0.0:
                continue
            level = answers[q, 0, long, 1 + v] / answers[q, 0, long, 0]
            for e in range(entities):
                for h in range(spans):
                    if e == 0 and h == long:
                        means[q, e, h, v] = level
                    elif kept[e, h]:
                        prior = level if e == 0 else means[q, parents[e], h, v]
                        total = answers[q, e, h, 1 + v] + prior_weight * prior
                        means[q, e, h, v] = total / (answers[q, e, h, 0] + prior_weight)
    return means
