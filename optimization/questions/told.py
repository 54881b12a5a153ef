"""A case of a bare problem in words: what is known of it are ids, cents and units."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.money import Money
from optimization.problem import Problem
from optimization.questions.answer import Answer
from optimization.questions.desk import Desk, open_desk
from optimization.questions.explain import Alternative, explain
from optimization.questions.overrule import overrule
from optimization.questions.why_not import why_not
from optimization.solution import Solution

MONEY = Money()
"""Nobody says of what currency a bare problem's cents are."""


@dataclass(frozen=True)
class Told:
    """Lines for a person; the answers they are of, for programs."""

    lines: tuple[str, ...]
    answers: Mapping[str, Answer]


def told_of(problem: Problem, solution: Solution, case_id: str, action_id: str | None = None) -> Told:
    """Say why a case got its action, or why not ``action_id``.

    Raises
    ------
    NotThere
        If there is no such case, or it has no such action.
    """
    desk = open_desk(problem, solution)
    if action_id is None or solution.choice.get(case_id) == action_id:
        return _chosen(desk, case_id)
    because, insisting = why_not(desk, case_id, action_id), overrule(desk, case_id, action_id)
    lines = (because.sentence(MONEY), *(one.sentence(MONEY) for one in because.lacks), insisting.sentence(MONEY))
    return Told(lines, {"why_not": because, "overruled": insisting})


def _chosen(desk: Desk, case_id: str) -> Told:
    found = explain(desk, case_id)
    head = "other actions, the smallest difference at shadow prices first:" if found.alternatives else "no other action"
    return Told((found.sentence(MONEY), head, *map(_line, found.alternatives)), {"explained": found})


def _line(one: Alternative) -> str:
    room = "fits" if one.fits else f"no room: {one.blocked_by}"
    return f"  {one.action_id}: {MONEY(one.cost_cents)}, {MONEY.more(one.opportunity_cents)} at shadow prices; {room}"
