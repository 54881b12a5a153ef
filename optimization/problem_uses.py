"""The uses of a problem, read part by part: of a few million, only the places of their names are kept."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.errors import BadProblem
from optimization.names import Names, Small
from optimization.problem_checks import located, refuse_negative, typed

Ints = npt.NDArray[np.int64]


class Uses(NamedTuple):
    """m uses by candidate, then by resource.

    Attributes
    ----------
    action, resource
        (m,) rows of the candidates and of the resources.
    amount
        (m,) units.
    """

    action: Small
    resource: Small
    amount: Ints


def placed_uses(parts: Iterable[pd.DataFrame], actions: Names, resources: Names) -> Uses:
    """Check the parts of the table ``usage``, name by place what they name, and sort all.

    Raises
    ------
    BadProblem
        See :func:`optimization.problem.build_problem`.
    """
    placed: list[Uses] = []
    first = 0
    for part in chain([None], parts):
        frame = typed("usage", part, first)
        refuse_negative(frame["amount"], "usage")
        action = located(frame["action_id"], actions, "usage", "candidates")
        resource = located(frame["resource_id"], resources, "usage", "resources")
        placed.append(Uses(action, resource, frame["amount"].to_numpy(np.int64)))
        first += len(frame)
        del part, frame
    return _in_order(_joined(placed), actions, resources)


def _joined(parts: list[Uses]) -> Uses:
    return Uses(
        np.concatenate([part.action for part in parts]),
        np.concatenate([part.resource for part in parts]),
        np.concatenate([part.amount for part in parts]),
    )


def _in_order(uses: Uses, actions: Names, resources: Names) -> Uses:
    """Sorted; a pair of candidate and resource that is there more than once is refused."""
    if _ascending(uses):
        return uses
    order = np.lexsort((uses.resource, uses.action))
    again = (np.diff(uses.action[order]) == 0) & (np.diff(uses.resource[order]) == 0)
    if again.any():
        row = int(order[1:][again].min())
        named = f"action_id {actions.name(uses.action[row])!r}, resource_id {resources.name(uses.resource[row])!r}"
        raise BadProblem(f"usage: {named} is there more than once (row {row})")
    return Uses(uses.action[order], uses.resource[order], uses.amount[order])


def _ascending(uses: Uses) -> bool:
    """Whether each use comes after the one before it, and is not its equal."""
    action, resource = uses.action, uses.resource
    later = (action[1:] > action[:-1]) | ((action[1:] == action[:-1]) & (resource[1:] > resource[:-1]))
    return bool(later.all())
