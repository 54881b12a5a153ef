"""The page of scenarios shows every one, side by side and each by itself, and nothing on it can run or reach out."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from decisions.planner import Made, make_plan
from decisions.what_if import Asked, WhatIf, base_of_plan
from governance.policy import load_policy
from optimization.scenarios.base import Base
from optimization.scenarios.outcome import Binding
from optimization.scenarios.play import play
from optimization.scenarios.reading import parse_scenario
from optimization.scenarios.situation import bare
from serving import scenario_page
from serving.scenario_page import render_scenarios
from serving.scenario_words import Words
from tests.decisions.network import AS_OF, network_with_review, tiny_scoring

DOWN = 'name = "slow & <down>"\nnote = "<b>Strike</b>"\n[[change]]\nkind = "carrier_down"\ncarrier = "slow"\n'
ILL = 'name = "planners ill"\n[[change]]\nkind = "planners"\nscale = 0\n'
NOBODY = 'name = "C9 down"\n[[change]]\nkind = "carrier_down"\ncarrier = "C9"\n'


@pytest.fixture(scope="module")
def made() -> Made:
    return make_plan(network_with_review(30.0), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def answer(made: Made) -> WhatIf:
    scenarios = [parse_scenario(text) for text in (DOWN, ILL, NOBODY)]
    units = {limit.resource_id: limit.unit for limit in made.plan.limits}
    comparison = play(base_of_plan(made.plan, made.problem), scenarios)
    return WhatIf(Asked("tiny as of now", made.plan.data, units), comparison)


def test_every_scenario_stands_beside_the_plan_and_by_itself(answer: WhatIf) -> None:
    """Its cost in the table, a part of its own with what was changed, what binds, who changes and who is at risk."""
    page = render_scenarios(answer)
    for number, one in enumerate(answer.comparison.scenarios, 1):
        assert f'href="#scenario-{number}"' in page
        assert f'id="scenario-{number}"' in page
        assert f"{one.objective_cents / 100:,.2f}" in page
        for case in (*one.changed, *one.at_risk):
            assert f"<code>{case.case_id}</code>" in page
    assert "changes nothing" in page
    assert "assumed: 3, the factor" in page


def test_it_is_self_contained_and_escaped(answer: WhatIf) -> None:
    """No script, no source, nothing from elsewhere; names and notes that are markup show as text."""
    page = render_scenarios(answer)
    assert not re.search(r"<script|<link|\bsrc=|@import|url\(|https?://", page)
    assert "<b>Strike" not in page
    assert "slow &amp; &lt;down&gt;" in page


def test_tags_are_balanced(answer: WhatIf) -> None:
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(render_scenarios(answer))
    assert open_tags == []


def test_long_lists_are_cut_and_counted(answer: WhatIf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_page, "SHOWN_CASES", 1)
    ill = answer.comparison.scenarios[1]
    assert len(ill.changed) > 1
    assert f"{len(ill.changed) - 1} more are in the figures" in render_scenarios(answer)


def test_a_gap_that_was_not_reached_is_told(answer: WhatIf) -> None:
    far = replace(answer.comparison.scenarios[0], gap=0.021, gap_reached=False)
    page = render_scenarios(replace(answer, comparison=replace(answer.comparison, scenarios=(far,))))
    assert re.search(r"2\.10 %\s*<span class=\"deferred\">not reached</span>", page)


def test_of_a_problem_folder_costs_are_shown_in_cents(made: Made, answer: WhatIf) -> None:
    """Nothing is said of lateness, which is not known."""
    base = base_of_plan(made.plan, made.problem)
    comparison = play(Base(bare(made.problem), base.solution), [parse_scenario(ILL)])
    page = render_scenarios(WhatIf(Asked("PLAN.d"), comparison))
    assert f"{comparison.scenarios[0].objective_cents:,}" in page
    assert "expected to be late" not in page


@pytest.mark.parametrize(
    ("bound", "used", "worth"),
    [
        (Binding("review_min", 30, None, 30, 250.0), "30 of 30 min", "shadow price 2.50 USD for 1 min"),
        (Binding("review_min", 30, None, 30, 0.0), "30 of 30 min", "nothing is left, and nothing lacks"),
        (Binding("premium_budget:*", 5_000, 0, 9_000, 0.35), "50.00 of 90.00 USD", "shadow price 0.35 USD for 1 USD"),
        (Binding("loads of C7", 3, 5, 9, -1200.0), "3, at least 5", "shadow price 12.00 USD for 1 unit"),
    ],
)
def test_a_bound_is_said_in_the_unit_of_its_resource(answer: WhatIf, bound: Binding, used: str, worth: str) -> None:
    """Budgets are money for money; a floor with a price is what has to be used."""
    assert Words(answer).used(bound) == used
    assert Words(answer).worth(bound) == worth
