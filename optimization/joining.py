"""A joint problem with more in it: candidates, what actions use, and room. How side problems hand in their results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from optimization.problem import Problem, build_problem

Use = tuple[str, str, int]
"""action_id, resource_id, amount."""


@dataclass(frozen=True)
class Extra:
    """What is added to a problem.

    Attributes
    ----------
    candidates
        case_id, action_id, cost_cents.
    uses
        Of new or present actions; amounts of the same action and resource add up.
    room
        resource_id → units by which its upper limit rises; of a resource that is not there, its hard upper limit.
    """

    candidates: tuple[tuple[str, str, int], ...] = ()
    uses: tuple[Use, ...] = ()
    room: Mapping[str, int] = field(default_factory=dict)


def extended(problem: Problem, extras: Iterable[Extra]) -> Problem:
    """Build the problem with more in it.

    Raises
    ------
    BadProblem
        If what is added does not fit: an id that is there already, or an action or resource that is not.
    """
    extras = list(extras)
    candidates = [row for extra in extras for row in extra.candidates]
    uses = [row for extra in extras for row in extra.uses]
    room: dict[str, int] = {}
    for extra in extras:
        for name, units in extra.room.items():
            room[name] = room.get(name, 0) + units
    return build_problem(
        pd.concat([problem.candidates, pd.DataFrame(candidates, columns=list(problem.candidates))]),
        _added_up(pd.concat([problem.usage, pd.DataFrame(uses, columns=list(problem.usage))])),
        _with_room(problem.resources, room),
        problem.exclusions,
    )


def _added_up(usage: pd.DataFrame) -> pd.DataFrame:
    return usage.groupby(["action_id", "resource_id"], as_index=False)["amount"].sum()


def _with_room(resources: pd.DataFrame, room: Mapping[str, int]) -> pd.DataFrame:
    known = set(resources["resource_id"])
    raised = resources.assign(hi=resources["hi"] + resources["resource_id"].map(room).fillna(0).astype("int64"))
    new = pd.DataFrame(
        [(name, units) for name, units in room.items() if name not in known], columns=["resource_id", "hi"]
    )
    return pd.concat([raised, new.reindex(columns=list(resources)).astype(resources.dtypes)], ignore_index=True)
