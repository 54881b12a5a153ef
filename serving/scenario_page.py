"""Scenarios as a page that a planner can read: self-contained, without scripts, nothing from elsewhere."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from decisions.what_if import WhatIf
from optimization.scenarios.outcome import Played
from serving.scenario_words import Words

SHOWN_CASES = 100
"""Changed cases of a scenario on the page; the rest is counted and stands in ``--json``."""
SHOWN_RESOURCES = 12
"""Binding resources on the page, dearest first."""


def render_scenarios(answer: WhatIf) -> str:
    """Render a comparison as one HTML document."""
    page = _templates().get_template("scenarios.html")
    comparison = answer.comparison
    return page.render(
        asked=answer.asked,
        comparison=comparison,
        columns=comparison.columns,
        unchanged=len(comparison.columns) - len(comparison.scenarios),
        words=Words(answer),
        kinds=_kinds(comparison.columns),
        most=max((abs(comparison.difference(one).cost_cents) for one in comparison.columns[1:]), default=0),
        shown_cases=SHOWN_CASES,
        shown_resources=SHOWN_RESOURCES,
    )


def _kinds(columns: tuple[Played, ...]) -> list[str]:
    """Every kind of action that any of them takes."""
    return sorted({kind for one in columns for kind in one.actions})


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("serving", "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
