"""A plan as a page that a planner can read: self-contained, without scripts, nothing from elsewhere."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from decisions.explain import explain
from decisions.plan import Limit, Option, Plan, PlanCase
from domain.codes import STATUS_MEANINGS

SHOWN_CASES = 300
"""Cases on the page, most at stake first; the rest is counted and stays in the plan's file."""
SHOWN_LIMITS = 12
"""Limits on the page, fullest first; of equals money and minutes before the many loads and units."""

ACTIONS = {
    "do_nothing": "do nothing",
    "notify": "notify the customer",
    "expedite": "expedite",
    "retender": "re-tender",
    "rebook_dock": "re-book the dock",
    "shift_capacity": "shift an own vehicle",
    "escalate": "escalate to a person",
}
STAGES = {"release": "released", "tendered": "accepted by its carrier"}


@dataclass(frozen=True)
class CaseShown:
    """A case with the reasons for its decision."""

    rank: int
    case: PlanCase
    now: Option
    reasons: tuple[str, ...]


def render_plan(plan: Plan) -> str:
    """Render a plan as one HTML document."""
    shown = [
        CaseShown(
            rank,
            case,
            next(option for option in case.options if option.kind == "do_nothing"),
            explain(plan, case.case_id).reasons,
        )
        for rank, case in enumerate(plan.cases[:SHOWN_CASES], 1)
    ]
    fullest = sorted(plan.limits, key=lambda limit: (-_fullness(limit), limit.unit in ("loads", "units")))
    page = _templates().get_template("plan.html")
    return page.render(
        plan=plan, shown=shown, more=len(plan.cases) - len(shown), limits=fullest[:SHOWN_LIMITS], all=len(fullest)
    )


def _fullness(limit: Limit) -> float:
    return limit.used / limit.available if limit.available else 1.0


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"


def _whole(cents: int) -> str:
    return f"{cents / 100:,.0f}"


def _amount(value: int, unit: str) -> str:
    return _whole(value) if unit == "cents" else f"{value:,}"


def _action(option: Option) -> str:
    name = ACTIONS.get(option.kind, option.kind)
    if option.pickup_at:
        return f"{name} for {_moment(option.pickup_at)}"
    if option.depot_id:
        return f"{name} from {option.depot_id}"
    return f"{name} to {option.carrier_id}" if option.carrier_id else name


def _verdict(option: Option) -> str:
    ruling = option.verdict
    if ruling.outcome == "approve":
        needed = (
            f"{one.people} {one.role}{'s' if one.people > 1 else ''} within {one.within_min} min"
            for one in ruling.approvals
        )
        return "needs approval: " + " and ".join(needed)
    return {
        "auto": "goes by itself" + (" unless someone objects" if ruling.level == "supervised" else ""),
        "recommend": "for a person to do",
        "forbidden": "forbidden",
    }[ruling.outcome]


def _moment(text: str) -> str:
    return text.replace("T", " ").replace(":00Z", "Z").replace("Z", " UTC")


def _what(case: PlanCase) -> str:
    """One line that says what a case is about."""
    facts = case.facts
    parts = []
    if "origin_id" in facts or "destination_id" in facts:
        parts.append(f"{facts.get('origin_id', '?')} → {facts.get('destination_id', '?')}")
    if "carrier_id" in facts:
        parts.append(f"carrier {facts['carrier_id']}")
    if "stage" in facts:
        parts.append(_stage(facts["stage"]))
    if "exception_kind" in facts:
        parts.append(facts["exception_kind"].replace("_", " "))
    if "planned_delivery_at" in facts:
        parts.append(f"due {_moment(facts['planned_delivery_at'])}")
    return " · ".join(parts)


def _stage(stage: str) -> str:
    """A stage in words: ``AF`` → departed pickup (AF), ``X3@2`` → arrived at pickup (X3@2)."""
    meaning = STAGES.get(stage) or STATUS_MEANINGS.get(stage.split("@")[0])
    return stage if meaning is None else meaning if stage in STAGES else f"{meaning} ({stage})"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("serving", "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(money=_money, whole=_whole, action=_action, verdict=_verdict, moment=_moment, what=_what)
    templates.globals.update(amount=_amount, fullness=_fullness, actions=ACTIONS)
    return templates
