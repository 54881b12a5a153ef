"""``lanewise what-if``: scenarios side by side."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands.opening import settings_of
from serving.commands.options import Home, Html, Json
from serving.commands.report import Report, aligned, progress, writable
from store.atomic import write_atomically

if TYPE_CHECKING:
    from decisions.what_if import WhatIf
    from optimization.scenarios.outcome import Impossible, Played
    from serving.scenario_words import Words

SHOWN = 5
"""Changed cases, binding resources and cases at risk that are printed of each scenario."""


def what_if(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan, or a problem folder.")],
    changes: Annotated[list[Path], typer.Argument(metavar="CHANGES.toml…", help="One scenario each.")],
    gap: Annotated[
        float | None, typer.Option("--gap", min=0.0, help="Relative gap to stop at; by default the plan's.")
    ] = None,
    effort: Annotated[
        int | None, typer.Option("--effort", min=0, help="Most solver steps for each; by default the plan's.")
    ] = None,
    html: Html = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Change the world, solve again from the plan, and show scenarios side by side. The plan stays as it is."""
    assert home is not None
    report, page = Report(json_file), writable(html) if html else None
    from decisions.what_if import Allowed, what_if_folder, what_if_plan
    from serving.scenario_words import Words

    def told(name: str) -> None:
        progress(f"solving {name}")

    if plan.is_dir():
        params = settings_of(home).plan
        own = (params.gap if gap is None else gap, params.effort if effort is None else effort)
        answer = what_if_folder(plan, changes, *own, told)
    else:
        answer = what_if_plan(plan, changes, Allowed(gap, effort), told)
    if page:
        from serving.scenario_page import render_scenarios

        write_atomically(page, render_scenarios(answer).encode())
    report.show(_told(answer, Words(answer)), answer.document())


def _told(answer: "WhatIf", words: "Words") -> str:
    comparison = answer.comparison
    count = len(comparison.scenarios) + len(comparison.impossible)
    head = f"{answer.asked.title}: {count} scenario{'s' if count > 1 else ''}, money in {words.currency}"
    blocks = [_lines(one, words) for one in comparison.scenarios] + [_why_not(one) for one in comparison.impossible]
    return "\n".join([head, _table(answer, words), *(line for block in blocks for line in block)])


def _table(answer: "WhatIf", words: "Words") -> str:
    head = ["scenario", "cases", "cost", "more", "at least", "proven at once", "gap %", "late", "failure"]
    rows = [_row(one, answer, words) for one in answer.comparison.columns]
    return aligned([*head, "changed", "new", "gone"], rows)


def _row(one: "Played", answer: "WhatIf", words: "Words") -> list[str]:
    comparison, more = answer.comparison, answer.comparison.difference(one)
    return [
        *(one.name, f"{one.cases:,}", words.money(one.objective_cents)),
        "" if one is comparison.base else words.signed(more.cost_cents),
        words.signed(more.at_least_cents) if one in comparison.scenarios else "",
        *(words.money(one.at_once_cents), f"{100 * one.gap:.2f}", words.late(one), words.failure(one)),
        *(f"{len(cases):,}" if cases else "" for cases in (one.changed, one.added, one.removed)),
    ]


def _lines(one: "Played", words: "Words") -> Iterator[str]:
    """What is printed of one scenario below the table."""
    yield from _asked(one)
    for used in one.assumptions:
        yield f"  assumed: {used.value:g}, the {used.unit} {used.meaning} ({used.source})"
    for bound in one.binding[:SHOWN]:
        yield f"  binds: {bound.resource_id}, {words.used(bound)}; {words.worth(bound)}"
    yield from _more(len(one.binding), "binding resources")
    yield from _changes(one, words)
    yield "  most at risk:" if one.at_risk else "  nobody is at risk"
    for risky in one.at_risk[:SHOWN]:
        yield f"    {risky.case_id}: {risky.action}, {words.risk(risky)}; else {words.fallback(risky)}"


def _asked(one: "Played | Impossible") -> Iterator[str]:
    yield f"{one.name}: {one.note}" if one.note else f"{one.name}:"
    for told in one.told:
        yield f"  {told.kind}: {told.text}{'' if told.matched else ' (changes nothing)'}"


def _why_not(one: "Impossible") -> Iterator[str]:
    yield from _asked(one)
    yield f"  has no plan: {one.reason}"


def _changes(one: "Played", words: "Words") -> Iterator[str]:
    count = len(one.changed)
    moves = "".join(f"; {cases:,} {move}" for move, cases in one.moves.items())
    yield f"  {count:,} {'case gets' if count == 1 else 'cases get'} another action{moves}"
    for case in one.changed[:SHOWN]:
        costs = f"{words.money(case.cost_before_cents)} → {words.money(case.cost_after_cents)}"
        yield f"    {case.case_id}: {case.before} → {case.after}, {costs}"
    yield from _more(count, "changed cases")


def _more(count: int, what: str) -> Iterator[str]:
    if count > SHOWN:
        yield f"    … {count - SHOWN:,} more {what} are in --json"
