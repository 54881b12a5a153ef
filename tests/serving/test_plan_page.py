"""The planner's page shows every decision, and nothing on it can run or reach out."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from decisions.plan import Plan
from decisions.planner import make_plan
from governance.policy import load_policy
from serving import plan_page
from serving.plan_page import render_plan
from tests.decisions.network import AS_OF, FakeDataset, network_with_review, tiny_scoring


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(network_with_review(5.0), tiny_scoring(), AS_OF, load_policy()).plan  # type: ignore[arg-type]


def test_every_case_its_action_and_its_rules_are_on_the_page(plan: Plan) -> None:
    page = render_plan(plan)
    for case in plan.cases:
        assert f"<code>{case.case_id}</code>" in page
        for option in case.options:
            assert all(rule in page for rule in option.verdict.rules)
    assert "deferred:" in page
    assert "this is proven" in page


def test_it_is_self_contained(plan: Plan) -> None:
    """No script, no link, no source, no import: it opens without a network."""
    assert not re.search(r"<script|<link|\bsrc=|@import|url\(|https?://", render_plan(plan))


def test_ids_are_escaped(plan: Plan) -> None:
    """An id that is markup shows as text."""
    evil = "<script>alert(1)</script>"
    bad = replace(plan, cases=(replace(plan.cases[0], case_id=evil), *plan.cases[1:]))
    page = render_plan(bad)
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_tags_are_balanced(plan: Plan) -> None:
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(render_plan(plan))
    assert open_tags == []


def test_cases_stand_in_order_of_stake_and_the_rest_is_counted(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_page, "SHOWN_CASES", 2)
    page = render_plan(plan)
    first, second, third = (f"<code>{case.case_id}</code>" for case in plan.cases[:3])
    assert page.index(first) < page.index(second)
    assert third not in page
    assert f"{len(plan.cases) - 2} more cases" in page


def test_an_empty_plan_says_so() -> None:
    made = make_plan(FakeDataset({}), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]
    assert "No case is open" in render_plan(made.plan)
