"""Judging: every rule over all candidates at once, and one verdict for each candidate.

forbid > require > allow; where no rule matches, approval is required. A predicate that is NULL or
fails counts as the stricter answer: a forbid or require matches, an allow does not. A licence whose
scope is NULL or fails can lower the level that other licences grant, and grants none itself.
"""

from dataclasses import dataclass
from enum import StrEnum

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from governance.candidate_columns import CANDIDATE_COLUMNS
from governance.expression import empty_table_sql, sandbox
from governance.policy import EXEMPT, Approval, Effect, Level, Policy, Rule

NO_RULE = "no rule matches: approval is required"
EXEMPT_RULE = "doing nothing and escalating are always open"


class Outcome(StrEnum):
    """What a verdict comes to."""

    FORBIDDEN = "forbidden"
    APPROVE = "approve"
    RECOMMEND = "recommend"
    AUTO = "auto"


@dataclass(frozen=True)
class Verdict:
    """What the policy says of one candidate.

    Attributes
    ----------
    effect
        Of the rules that decided; ``require`` where none matched.
    rules
        Names of the rules that made it.
    approvals
        Agreements that are needed, one a role; empty unless ``effect`` is ``require``.
    level
        How far the action may go by itself, by licence; ``recommend`` without one.
    """

    effect: Effect
    rules: tuple[str, ...]
    approvals: tuple[Approval, ...] = ()
    level: Level = Level.RECOMMEND

    @property
    def outcome(self) -> Outcome:
        """``auto`` needs both: a rule that allows it and a licence beyond ``recommend``."""
        if self.effect is Effect.FORBID:
            return Outcome.FORBIDDEN
        if self.effect is Effect.REQUIRE:
            return Outcome.APPROVE
        return Outcome.RECOMMEND if self.level is Level.RECOMMEND else Outcome.AUTO

    @property
    def review_min(self) -> int:
        """Minutes of review that it takes."""
        return sum(approval.minutes for approval in self.approvals)


def judge(policy: Policy, candidates: pd.DataFrame) -> tuple[Verdict, ...]:
    """Judge n candidates.

    Parameters
    ----------
    candidates
        n rows with any of :data:`governance.candidate_columns.CANDIDATE_COLUMNS`; ``action`` is
        required, a column that is absent is NULL.

    Returns
    -------
    tuple of Verdict
        One per row, in order.
    """
    answers = _answers(policy, candidates)
    actions = candidates["action"].tolist()
    made: dict[tuple[str, bytes], Verdict] = {}
    verdicts = []
    for action, row in zip(actions, answers, strict=True):
        key = (action if action in EXEMPT else "", row.tobytes())
        if key not in made:
            made[key] = _verdict(policy, action, row)
        verdicts.append(made[key])
    return tuple(verdicts)


YES, NO, UNKNOWN = 1, 0, -1


def _answers(policy: Policy, candidates: pd.DataFrame) -> npt.NDArray[np.int8]:
    """Answers of every rule, then every licence, shape (n, rules + licences): 1, 0, or −1 for NULL or failed."""
    questions = [rule.when for rule in policy.rules] + [
        f"action = {_quoted(licence.action)} AND TRY(({licence.scope}\n))" for licence in policy.licences
    ]
    if not questions or candidates.empty:
        return np.zeros((len(candidates), len(questions)), np.int8)
    with sandbox() as connection:
        _load(connection, candidates)
        asked = ", ".join(f"CAST(TRY(({text}\n)) AS TINYINT)" for text in questions)
        answers = connection.execute(f"SELECT {asked} FROM candidates ORDER BY rowid").fetchnumpy()
    columns = [np.ma.filled(column, UNKNOWN).astype(np.int8) for column in answers.values()]
    return np.column_stack(columns)


def _load(connection: duckdb.DuckDBPyConnection, candidates: pd.DataFrame) -> None:
    connection.execute(empty_table_sql())
    connection.register("given", candidates.reset_index(drop=True))
    columns = ", ".join(
        _given(name, column.kind) if name in candidates.columns else "NULL"
        for name, column in CANDIDATE_COLUMNS.items()
    )
    connection.execute(f"INSERT INTO candidates SELECT {columns} FROM given")


def _given(name: str, kind: str) -> str:
    """SQL of one column; NaN is NULL here, because DuckDB holds NaN to be above every number."""
    value = f'CAST("{name}" AS {kind})'
    return f"nullif({value}, 'nan'::DOUBLE)" if kind == "DOUBLE" else value


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _verdict(policy: Policy, action: str, row: npt.NDArray[np.int8]) -> Verdict:
    rules, licences = row[: len(policy.rules)], row[len(policy.rules) :]
    if action in EXEMPT:
        return Verdict(Effect.ALLOW, (EXEMPT_RULE,), level=Level.AUTONOMOUS)
    level = _level(policy, licences)
    for effect in Effect:
        matched = [
            rule for rule, answer in zip(policy.rules, rules.tolist(), strict=True) if _matches(rule, effect, answer)
        ]
        if matched:
            names = tuple(rule.name for rule in matched)
            return Verdict(effect, names, _approvals(matched), level)
    return Verdict(Effect.REQUIRE, (NO_RULE,), (policy.default,), level)


def _matches(rule: Rule, effect: Effect, answer: int) -> bool:
    return rule.effect is effect and (answer == YES or (answer == UNKNOWN and effect is not Effect.ALLOW))


def _level(policy: Policy, answers: npt.NDArray[np.int8]) -> Level:
    """The least level of the licences that match or whose scope is unknown; ``recommend`` where none matches."""
    if not (answers == YES).any():
        return Level.RECOMMEND
    counted = [licence.level for licence, answer in zip(policy.licences, answers.tolist(), strict=True) if answer != NO]
    return min(counted, key=list(Level).index)


def _approvals(rules: list[Rule]) -> tuple[Approval, ...]:
    """One approval a role: of rules with the same role the strictest of each demand."""
    wanted = [rule.approval for rule in rules if rule.approval is not None]
    by_role = {role: [one for one in wanted if one.role == role] for role in sorted({one.role for one in wanted})}
    return tuple(_strictest(role, demands) for role, demands in by_role.items())


def _strictest(role: str, demands: list[Approval]) -> Approval:
    soonest = min(demands, key=lambda one: one.within_min)
    return Approval(
        role=role,
        people=max(one.people for one in demands),
        within_min=soonest.within_min,
        then_to=soonest.then_to,
        review_min=max(one.review_min for one in demands),
    )
