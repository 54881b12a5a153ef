"""Make the joint plan: cases, candidates, policy, solver, verifier, policy again, decisions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from decisions.known_tables import KnownTables
from decisions.open_cases import find_open_cases
from decisions.plan import Certificate, DataUsed, ExclusionPrice, ModelUsed, Plan, PlanCase, PolicyUsed, Summary
from decisions.pricing import costs_in_force, list_assumptions, price_cases
from decisions.ranking import Room, Solved, decide_cases
from decisions.standing import standings
from domain.errors import PlanRejected
from domain.moment import format_moment
from domain.params import CostParams, PlanParams
from domain.predictions import Scoring
from governance.judge import Outcome, Verdict, judge
from governance.policy import Policy
from optimization.candidates import propose_all
from optimization.highs import solver_name
from optimization.problem import Problem, build_problem
from optimization.questions.desk import Desk, open_desk
from optimization.resources import Shared, shared_resources
from optimization.solution import Solution, Solver
from optimization.solve import solve
from optimization.verify import verify
from store.dataset import Dataset

UNVERIFIED: Solver = partial(solve, verified=False)
"""The optimiser; the planner asks the verifier itself, whoever solves."""


@dataclass(frozen=True)
class Provenance:
    """What a plan is made with besides its data: models by kind, and the version of the code."""

    models: Mapping[str, ModelUsed] = field(default_factory=dict)
    code_version: str = ""


@dataclass(frozen=True, eq=False)
class Made:
    """A plan and the problem behind it."""

    plan: Plan
    problem: Problem


def make_plan(
    dataset: Dataset,
    scoring: Scoring,
    as_of: datetime,
    policy: Policy,
    params: PlanParams | None = None,
    costs: CostParams | None = None,
    provenance: Provenance | None = None,
    solver: Solver = UNVERIFIED,
) -> Made:
    """Make the joint plan of a moment from nothing but what was known by then.

    Parameters
    ----------
    costs
        Used where the data set's manifest says nothing; each use is listed as an assumption.

    Raises
    ------
    NotThere
        If no model that could price a case is in service.
    BadProblem
        If the shared limits contradict each other.
    PlanRejected
        If the verifier, or the policy asked again, disagrees with the solution.
    """
    known = KnownTables(dataset, as_of)
    question = Question(params or PlanParams(), costs_in_force(dataset.manifest.costs, costs or CostParams()))
    options = _gather(known, scoring, policy, question)
    problem = _problem(options)
    solution = solver(problem, question.params.gap, question.params.effort)
    verify(problem, solution)
    _judge_again(policy, options, solution)
    plan = _plan(known, policy, question, options, open_desk(problem, solution), provenance or Provenance())
    return Made(plan, problem)


@dataclass(frozen=True)
class Question:
    """How a plan is asked for: its parameters and the prices in force."""

    params: PlanParams
    costs: CostParams


@dataclass(frozen=True, eq=False)
class Options:
    """Everything that could be done: candidates, the verdict on each, and the limits they share."""

    candidates: pd.DataFrame
    verdicts: tuple[Verdict, ...]
    shared: Shared
    assumed: frozenset[str]
    left_out: Mapping[str, int]


def _gather(known: KnownTables, scoring: Scoring, policy: Policy, question: Question) -> Options:
    """Find the cases, propose for each, and judge every candidate before any of them competes."""
    params, costs = question.params, question.costs
    cases = find_open_cases(known, params)
    table, context = price_cases(cases, known, scoring, params, costs)
    proposed = propose_all(table, context)
    candidates, left_out = _worth_deciding(proposed.table, params)
    verdicts = judge(policy, candidates)
    reviewed = candidates.assign(review_min=[verdict.review_min for verdict in verdicts])
    shared = shared_resources(
        reviewed, known.table("capacity"), known.as_of, costs, context.dock_hours, context.own_fleet
    )
    assumed = (proposed.assumed if len(candidates) else frozenset()) | shared.assumed
    return Options(candidates, verdicts, shared, assumed, cases.left_out | left_out)


def _plan(
    known: KnownTables,
    policy: Policy,
    question: Question,
    options: Options,
    desk: Desk,
    provenance: Provenance,
) -> Plan:
    manifest, params, solution = known.dataset.manifest, question.params, desk.solution
    room = Room(options.shared, set(solution.choice.values()))
    solved = Solved(solution.choice, room, standings(desk), solution.prices)
    decided = decide_cases(options.candidates, options.verdicts, solved)
    return Plan(
        as_of=format_moment(known.as_of),
        data=DataUsed(manifest.name, manifest.currency, known.dataset.fingerprint, manifest.simulated),
        models=dict(provenance.models),
        policy=PolicyUsed(policy.text, policy.hash),
        settings={"plan": asdict(params), "costs": asdict(question.costs)},
        assumptions=list_assumptions(options.assumed, manifest.costs, question.costs),
        seed=params.seed,
        code_version=provenance.code_version,
        certificate=_certificate(solution),
        summary=_summary(decided, solution, options.left_out),
        limits=room.limits,
        cases=decided,
    )


def _worth_deciding(candidates: pd.DataFrame, params: PlanParams) -> tuple[pd.DataFrame, dict[str, int]]:
    """Candidates of the open cases: the best action saves more than ``min_saving``; most at stake first."""
    stakes = candidates.groupby("case_id")["saving_cents"].max()
    worth = stakes[stakes > round(params.min_saving * 100)]
    ranked = worth.reset_index().sort_values(["saving_cents", "case_id"], ascending=[False, True])
    kept = ranked["case_id"].head(params.max_cases)
    left_out = {
        "cases in which no action saves more than min_saving": len(stakes) - len(worth),
        "cases beyond max_cases, those with less at stake": len(worth) - len(kept),
    }
    return candidates[candidates["case_id"].isin(kept)].reset_index(drop=True), left_out


def _problem(options: Options) -> Problem:
    """The problem without what is forbidden."""
    candidates, shared = options.candidates, options.shared
    allowed = np.array([verdict.outcome is not Outcome.FORBIDDEN for verdict in options.verdicts], bool)
    open_to = candidates[allowed]
    usage = shared.usage[shared.usage["action_id"].isin(open_to["action_id"])]
    return build_problem(open_to, usage, shared.resources, cases=candidates["case_id"].unique().tolist())


def _judge_again(policy: Policy, options: Options, solution: Solution) -> None:
    """The policy has the last word on what was chosen: nothing forbidden, and each verdict is still the first one."""
    taken = options.candidates["action_id"].isin(set(solution.choice.values()))
    chosen = options.candidates[taken]
    first = [options.verdicts[row] for row in np.flatnonzero(taken)]
    for action, before, verdict in zip(chosen["action_id"].tolist(), first, judge(policy, chosen), strict=True):
        if verdict.outcome is Outcome.FORBIDDEN:
            raise PlanRejected(f"the plan chose {action!r}, which {', '.join(verdict.rules)!r} forbids")
        if verdict != before:
            raise PlanRejected(
                f"{action!r} was judged {_ruling(before)} first, but {_ruling(verdict)} when asked again"
            )


def _ruling(verdict: Verdict) -> str:
    roles = ", ".join(f"{one.people} × {one.role}" for one in verdict.approvals) or "nobody"
    return f"{verdict.outcome} by {', '.join(verdict.rules)!r} ({roles} approves, level {verdict.level})"


def _certificate(solution: Solution) -> Certificate:
    return Certificate(
        objective_cents=solution.objective,
        bound_cents=solution.bound,
        gap=round(solution.gap, 12),
        gap_wanted=solution.wanted_gap,
        gap_reached=solution.gap_reached,
        steps=solution.steps,
        fingerprint=solution.fingerprint,
        problem_fingerprint=solution.problem_fingerprint,
        solver=solver_name(),
        verified=True,
        stopped_by=solution.stopped_by,
        priced_bound_cents=solution.priced_bound,
        prices=dict(solution.prices),
        exclusion_prices=tuple(ExclusionPrice(*pair, price) for pair, price in solution.exclusion_prices.items()),
    )


def _summary(cases: tuple[PlanCase, ...], solution: Solution, left_out: Mapping[str, int]) -> Summary:
    actions = Counter(case.decision.kind for case in cases)
    verdicts = Counter(case.decision.verdict.outcome for case in cases)
    return Summary(
        cases=len(cases),
        cost_now_cents=sum(case.cost_now_cents for case in cases),
        cost_cents=solution.objective,
        actions=dict(sorted(actions.items())),
        verdicts=dict(sorted(verdicts.items())),
        deferred=sum(case.deferred is not None for case in cases),
        left_out={reason: count for reason, count in left_out.items() if count},
    )
