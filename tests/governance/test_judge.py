"""Verdicts against a plain oracle, over every combination of answers."""

import itertools

import pandas as pd
import pytest

from governance.judge import EXEMPT_RULE, NO_RULE, Outcome, judge
from governance.policy import EXEMPT, Approval, Effect, Level, Licence, Policy, Rule, read_policy

ANSWERS = {"yes": "assumed", "no": "NOT assumed", "null": "value > 1", "fails": "CAST(stage AS INTEGER) > 1"}
CANDIDATE = pd.DataFrame({"action": ["expedite"], "assumed": [True], "stage": ["AF"], "value": [None]})


def oracle(effects: tuple[tuple[Effect, str], ...]) -> Effect:
    """Precedence in plain Python: unknown counts as the stricter answer."""
    hits = {
        effect
        for effect, answer in effects
        if answer == "yes" or (answer in ("null", "fails") and effect is not Effect.ALLOW)
    }
    for effect in (Effect.FORBID, Effect.REQUIRE, Effect.ALLOW):
        if effect in hits:
            return effect
    return Effect.REQUIRE


def policy_of(effects: tuple[tuple[Effect, str], ...]) -> Policy:
    return Policy(
        "",
        tuple(
            Rule(f"r{k}", ANSWERS[answer], effect, Approval() if effect is Effect.REQUIRE else None)
            for k, (effect, answer) in enumerate(effects)
        ),
    )


PAIRS = list(itertools.product(Effect, ANSWERS))


@pytest.mark.parametrize("first", PAIRS, ids=str)
def test_precedence_is_the_oracles(first: tuple[Effect, str]) -> None:
    """Every combination of two rules' effects and answers (144 in all) gives the oracle's effect."""
    for second in itertools.product(Effect, ANSWERS):
        rules = (first, second)
        (verdict,) = judge(policy_of(rules), CANDIDATE)
        assert verdict.effect is oracle(rules), rules


@pytest.mark.parametrize("action", EXEMPT)
def test_doing_nothing_and_escalating_stay_open(action: str) -> None:
    """A rule that forbids everything forbids neither, and neither needs approval."""
    policy = policy_of(((Effect.FORBID, "yes"), (Effect.REQUIRE, "yes")))
    (verdict,) = judge(policy, CANDIDATE.assign(action=action))
    assert (verdict.effect, verdict.rules, verdict.review_min) == (Effect.ALLOW, (EXEMPT_RULE,), 0)


def test_a_verdict_names_only_the_rules_that_made_it() -> None:
    policy = policy_of(((Effect.ALLOW, "yes"), (Effect.FORBID, "yes"), (Effect.FORBID, "no")))
    (verdict,) = judge(policy, CANDIDATE)
    assert (verdict.outcome, verdict.rules) == (Outcome.FORBIDDEN, ("r1",))


def test_without_a_matching_rule_the_default_approval_is_required() -> None:
    policy = read_policy("[default]\nrole = 'boss'\npeople = 2\nreview_min = 4")
    (verdict,) = judge(policy, CANDIDATE)
    assert (verdict.outcome, verdict.rules) == (Outcome.APPROVE, (NO_RULE,))
    assert verdict.approvals == (Approval("boss", people=2, review_min=4),)
    assert verdict.review_min == 8


def test_rules_that_both_require_are_joined_strictly() -> None:
    """The same role: the most people and minutes, the soonest; another role comes in addition."""
    policy = read_policy(
        """
        [[rule]]
        name = "a"
        when = "true"
        effect = "require"
        role = "planner"
        people = 2
        within_min = 90
        [[rule]]
        name = "b"
        when = "true"
        effect = "require"
        role = "planner"
        within_min = 30
        then_to = "admin"
        review_min = 7
        [[rule]]
        name = "c"
        when = "true"
        effect = "require"
        role = "approver"
        review_min = 1
        """
    )
    (verdict,) = judge(policy, CANDIDATE)
    assert verdict.approvals == (
        Approval("approver", review_min=1),
        Approval("planner", people=2, within_min=30, then_to="admin", review_min=7),
    )
    assert verdict.review_min == 15


@pytest.mark.parametrize(
    ("effect", "licences", "outcome"),
    [
        ("allow", [], Outcome.RECOMMEND),
        ("allow", [("expedite", "autonomous", "true")], Outcome.AUTO),
        ("allow", [("expedite", "supervised", "assumed")], Outcome.AUTO),
        ("allow", [("notify", "autonomous", "true")], Outcome.RECOMMEND),
        ("allow", [("expedite", "autonomous", "value > 1")], Outcome.RECOMMEND),
        ("allow", [("expedite", "autonomous", "true"), ("expedite", "recommend", "assumed")], Outcome.RECOMMEND),
        ("allow", [("expedite", "autonomous", "true"), ("expedite", "recommend", "value > 1")], Outcome.RECOMMEND),
        ("require", [("expedite", "autonomous", "true")], Outcome.APPROVE),
        ("forbid", [("expedite", "autonomous", "true")], Outcome.FORBIDDEN),
    ],
)
def test_auto_needs_a_rule_and_a_licence(effect: str, licences: list[tuple[str, str, str]], outcome: Outcome) -> None:
    """A licence never lifts a rule; an allowed action without one is a recommendation to a person."""
    text = f"[[rule]]\nname = 'r'\nwhen = 'true'\neffect = '{effect}'\n" + "".join(
        f"[[licence]]\naction = '{action}'\nlevel = '{level}'\nscope = '{scope}'\n" for action, level, scope in licences
    )
    (verdict,) = judge(read_policy(text), CANDIDATE)
    assert verdict.outcome is outcome


def test_the_least_level_of_matching_licences_counts() -> None:
    text = "[[rule]]\nname = 'r'\nwhen = 'true'\neffect = 'allow'\n" + "".join(
        f"[[licence]]\naction = 'expedite'\nlevel = '{level}'\n" for level in ("autonomous", "supervised")
    )
    (verdict,) = judge(read_policy(text), CANDIDATE)
    assert verdict.level is Level.SUPERVISED


def licence_oracle(licences: tuple[tuple[str, Level, str], ...]) -> Level:
    """Licences of this action in plain Python: what is unknown may lower the level and grants none."""
    mine = [(level, answer) for action, level, answer in licences if action == "expedite" and answer != "no"]
    ranks = [list(Level).index(level) for level, _ in mine]
    granted = any(answer == "yes" for _, answer in mine)
    return list(Level)[min(ranks)] if granted else Level.RECOMMEND


@pytest.mark.parametrize("first", ANSWERS)
def test_the_level_is_the_oracles(first: str) -> None:
    """Every combination of two licences' actions, levels and answers; a scope that fails is its own action's only."""
    for one, other, answer in itertools.product(
        itertools.product(("expedite", "notify"), Level), itertools.product(("expedite", "notify"), Level), ANSWERS
    ):
        licences = ((*one, first), (*other, answer))
        given = tuple(Licence(action, level, ANSWERS[said]) for action, level, said in licences)
        (verdict,) = judge(Policy("", (Rule("r", "true", Effect.ALLOW),), given), CANDIDATE)
        assert verdict.level is licence_oracle(licences), licences


def test_a_missing_number_is_unknown_not_large() -> None:
    """NaN is NULL: an allow above a threshold does not match it, a forbid does."""
    frame = CANDIDATE.assign(value=[float("nan")])
    allow = Policy("", (Rule("r", "value > 1", Effect.ALLOW),))
    forbid = Policy("", (Rule("r", "value > 1", Effect.FORBID),))
    assert judge(allow, frame)[0].outcome is Outcome.APPROVE
    assert judge(forbid, frame)[0].outcome is Outcome.FORBIDDEN


def test_verdicts_come_in_the_order_of_the_rows() -> None:
    frame = pd.DataFrame({"action": ["expedite"] * 500, "direct_cost": range(500)})
    policy = Policy("", (Rule("r", "direct_cost % 7 = 0", Effect.FORBID),))
    outcomes = [verdict.outcome is Outcome.FORBIDDEN for verdict in judge(policy, frame)]
    assert outcomes == [k % 7 == 0 for k in range(500)]


def test_no_candidates_no_verdicts() -> None:
    assert judge(policy_of(()), CANDIDATE.iloc[:0]) == ()
