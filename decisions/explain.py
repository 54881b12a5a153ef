"""Why this action, and why not that one: read from the plan, and with its problem beside it from its prices."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from decisions.plan import Option, Plan, PlanCase
from domain.errors import NotThere
from domain.money import Money
from governance.judge import Outcome
from optimization.questions.desk import Desk
from optimization.questions.explain import Explained
from optimization.questions.explain import explain as explain_choice
from optimization.questions.overrule import Overruled, overrule
from optimization.questions.taken import in_words
from optimization.questions.why_not import WhyNot, why_not


@dataclass(frozen=True)
class Explanation:
    """A case of a plan, explained.

    Attributes
    ----------
    asked
        The action that was asked about; ``None`` where the question was about the decision itself.
    reasons
        One sentence each: why the decision, or why not the action that was asked about.
    answers
        What the prices say: ``explained`` of the decision; of an action that was asked about and is not
        forbidden ``why_not`` and ``overruled``. Empty where the plan's problem is not at hand.
    """

    case: PlanCase
    currency: str
    asked: Option | None
    reasons: tuple[str, ...]
    answers: Mapping[str, Explained | WhyNot | Overruled] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The explanation for programs."""
        asked = None if self.asked is None else self.asked.action
        answers = {name: answer.document() for name, answer in self.answers.items()}
        return {"case": asdict(self.case), "asked": asked, "reasons": list(self.reasons), **answers}

    @property
    def text(self) -> str:
        """The explanation as lines for a person."""
        case, money = self.case, Money(self.currency)
        shown = self.asked or case.decision
        facts = ", ".join(f"{name} {value}" for name, value in case.facts.items())
        lines = [
            f"case {case.case_id} ({case.kind}): {facts}",
            f"decision: {case.chosen}, expected cost {money(case.decision.cost_cents)}; "
            f"doing nothing {money(case.cost_now_cents)}",
            *_cost_lines(shown, money),
            f"verdict on {shown.action}: {shown.verdict.outcome} by {'; '.join(shown.verdict.rules)}",
            *self.reasons,
            "options, cheapest first:",
            *(_option_line(option, case, money) for option in case.options),
        ]
        return "\n".join(lines)


def explain(plan: Plan, case_id: str, action: str | None = None, desk: Desk | None = None) -> Explanation:
    """Explain the decision of a case, or why an action was not chosen.

    Parameters
    ----------
    case_id
        As in the plan; of an exception without a shipment, its exception_id is enough.
    action
        Label of an action of the case, such as ``expedite`` or ``retender:C7``.
    desk
        The plan's, where prices are to be told, who holds what, and what it costs to insist.

    Raises
    ------
    NotThere
        If the plan has no such case, or the case no such action; the message lists what there is.
    """
    case = _find(plan, case_id)
    if action is None:
        return _priced(Explanation(case, plan.data.currency, None, _why(case, plan)), desk)
    labels = [option.action for option in case.options]
    if action not in labels:
        raise NotThere(f"case {case.case_id!r} has no action {action!r}; it has {', '.join(labels)}")
    asked = case.option(action)
    why = _why(case, plan) if action == case.chosen else _why_not(case, asked, plan)
    return _priced(Explanation(case, plan.data.currency, asked, why), desk)


def _priced(told: Explanation, desk: Desk | None) -> Explanation:
    """The same with what the prices say."""
    if desk is None:
        return told
    case, money = told.case, Money(told.currency)
    if told.asked is None or told.asked.action == case.chosen:
        explained = explain_choice(desk, case.case_id)
        return replace(told, reasons=(*told.reasons, explained.sentence(money)), answers={"explained": explained})
    if told.asked.verdict.outcome == Outcome.FORBIDDEN:
        return told
    action_id = f"{case.case_id}/{told.asked.action}"
    because, insisting = why_not(desk, case.case_id, action_id), overrule(desk, case.case_id, action_id)
    said = (*told.reasons, *_prices(told.asked, because, money), insisting.sentence(money))
    return replace(told, reasons=said, answers={"why_not": because, "overruled": insisting})


def _prices(asked: Option, because: WhyNot, money: Money) -> list[str]:
    """The difference at the prices, and who holds what is lacking."""
    if because.too_much:
        return [f"{asked.action}: {because.too_much.words}"]
    takes = f"it takes {in_words(because.takes, money)}"
    return [
        f"at shadow prices {asked.action} costs {money.more(because.opportunity_cents)}: {takes}",
        *(one.sentence(money) for one in because.lacks),
    ]


def _find(plan: Plan, case_id: str) -> PlanCase:
    by_id = {case.case_id: case for case in plan.cases}
    found = by_id.get(case_id) or by_id.get(f"exception:{case_id}")
    if found is None:
        raise NotThere(
            f"the plan of {plan.as_of} has no case {case_id!r} among its {len(plan.cases)}; "
            "a shipment is a case while it is under way, in the window, and an action would pay"
        )
    return found


def _why(case: PlanCase, plan: Plan) -> tuple[str, ...]:
    money, chosen = Money(plan.data.currency), case.decision
    reasons = [f"it saves {money(case.cost_now_cents - chosen.cost_cents)} over doing nothing"]
    reasons += _doubts(chosen)
    cheaper = [option for option in case.options if option.difference_cents < 0]
    reasons += [reason for option in cheaper for reason in _why_not(case, option, plan)]
    if case.deferred:
        reasons.append(
            f"deferred: {case.deferred.action} lost only for want of review minutes; "
            f"{money(case.deferred.at_stake_cents)} are at stake"
        )
    return tuple(reasons)


def _why_not(case: PlanCase, option: Option, plan: Plan) -> tuple[str, ...]:
    money, name = Money(plan.data.currency), option.action
    reasons = []
    if option.verdict.outcome == Outcome.FORBIDDEN:
        reasons.append(f"{name} is forbidden by {'; '.join(option.verdict.rules)}")
    if option.difference_cents > 0:
        reasons.append(f"{name} costs {money(option.difference_cents)} more than {case.chosen}")
    elif option.difference_cents < 0:
        reasons.append(f"{name} would cost {money(-option.difference_cents)} less than {case.chosen}")
    else:
        reasons.append(f"{name} costs the same as {case.chosen}")
    reasons += _doubts(option)
    limits = {limit.resource_id: limit for limit in plan.limits}
    for resource in option.blocked_by:
        limit = limits[resource]
        reasons.append(
            f"{name} does not fit: {resource} has {limit.available - limit.used} of {limit.available} "
            f"{limit.unit} left, and it needs {option.uses[resource]}"
        )
    return tuple(reasons)


def _doubts(option: Option) -> list[str]:
    """What is uncertain of an option, because nothing like it was learned from."""
    if option.out_of_support is None:
        return []
    return [
        f"{option.action} is uncertain: what was predicted lies outside the models' training, {option.out_of_support}"
    ]


def _cost_lines(option: Option, money: Money) -> list[str]:
    lines = [
        f"cost of {option.action}: direct {money(option.direct_cents)} + handling {money(option.handling_cents)} "
        f"+ expected failure {money(option.failure_cents)} = {money(option.cost_cents)} (risk from {option.basis})"
    ]
    if option.uses:
        lines.append("uses " + ", ".join(f"{amount} of {name}" for name, amount in option.uses.items()))
    if option.p_late is not None:
        lines.append(f"P(late) {option.p_late:.0%}, mean delay {option.expected_delay_min:.0f} min after it")
    return lines


def _option_line(option: Option, case: PlanCase, money: Money) -> str:
    mark = "*" if option.action == case.chosen else " "
    room = "" if option.fits else " [no room]" if option.blocked_by else ""
    return f" {mark} {option.action:<24} {money(option.cost_cents):>18}  {option.verdict.outcome}{room}"
