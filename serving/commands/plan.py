"""``lanewise plan``: the joint plan of a moment."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import NotThere
from domain.moment import parse_moment
from domain.predictions import ModelName
from serving.commands.opening import settings_of
from serving.commands.options import Data, Home, Html, Json, moment
from serving.commands.report import Report, progress, writable
from store.atomic import write_atomically

if TYPE_CHECKING:
    from decisions.plan import Plan


def plan(
    data: Data,
    as_of: Annotated[
        datetime, typer.Option("--as-of", metavar="TIME", parser=moment, help="Plan with what was known by then.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PLAN.json", help="The plan; its problem goes to PLAN.d/.")],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="By default policy.toml of the home, else the one that comes."),
    ] = None,
    html: Html = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Make the joint plan of a moment: the best governed action for every case, with its certificate."""
    assert home is not None
    report, file, page = Report(json_file), writable(out, home), writable(html, home) if html else None
    from governance.policy import load_policy

    rules = load_policy(policy) if policy else None
    from decisions.bootstrap import open_home
    from decisions.plan_file import write_plan

    house = open_home(home, settings_of(home), data)
    if not house.status().models:
        raise NotThere(_no_model(house.status().skipped))
    progress("planning")
    made = house.make_plan(as_of, rules)
    write_plan(made.plan, made.problem, file)
    if page:
        from serving.plan_page import render_plan

        write_atomically(page, render_plan(made.plan).encode())
    report.show(_told(made.plan, out), _figures(made.plan))


def _no_model(skipped: Mapping[ModelName, str]) -> str:
    """Why no model is in service; one reason that holds for each of them is said once, with all their names."""
    names = {model: word[0] for model, reason in skipped.items() if (word := re.search(rf"\S+\.{model}\b", reason))}
    joined = ", ".join(names.values())
    said = {reason.replace(names[model], joined, 1) if model in names else reason for model, reason in skipped.items()}
    return said.pop() if len(said) == 1 else "; ".join(skipped.values())


def _told(made: "Plan", out: Path) -> str:
    summary, certificate, currency = made.summary, made.certificate, made.data.currency
    counted = [f"  {count:,} × {action}" for action, count in summary.actions.items()]
    ruled = ", ".join(f"{count:,} {verdict}" for verdict, count in summary.verdicts.items())
    return "\n".join(
        [
            f"{made.data.title} as of {made.as_of}: {summary.cases:,} cases, plan in {out}",
            *counted,
            f"verdicts: {ruled or 'none'}",
            f"expected cost {certificate.objective_cents / 100:,.2f} {currency} instead of "
            f"{summary.cost_now_cents / 100:,.2f}: {summary.saving_cents / 100:,.2f} saved",
            f"certified: at most {certificate.gap:.2%} above the best possible"
            + ("" if certificate.gap_reached else f" ({certificate.gap_wanted:.2%} were asked for)"),
            *_hindsight(made),
        ]
    )


def _hindsight(made: "Plan") -> list[str]:
    """A plan of the past made by a model that has seen what came of it flatters itself, and says so."""
    made_of = parse_moment(made.as_of)
    later = [used for used in made.models.values() if parse_moment(used.trained_until) > made_of]
    return [
        f"note: {used.name} {used.version} learned from outcomes up to {used.trained_until}, after the plan's moment"
        for used in later
    ]


def _figures(made: "Plan") -> dict[str, Any]:
    summary = asdict(made.summary) | {"saving_cents": made.summary.saving_cents}
    models = {name: asdict(used) for name, used in made.models.items()}
    data = asdict(made.data)
    certificate = {key: value for key, value in asdict(made.certificate).items() if "prices" not in key}
    return {"as_of": made.as_of, "data": data, "models": models, "summary": summary, "certificate": certificate}
