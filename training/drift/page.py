"""Drift and health as a page that a person reads: cost first, then alarms, slices, score and inputs."""

from collections.abc import Sequence
from html import escape

from domain.health import Health
from domain.moment import format_second
from store.page import Figure, Markup, bullets, document, table
from training.drift.calibration import Finding
from training.drift.inputs import Input
from training.drift.report import DriftReport

MOST_INPUTS = 30
SLICES = ("where", "cost a day", "95 %", "outcomes", "predicted", "came", "log-odds", "95 %", "slope", "log e")
INPUTS = ("column", "PSI", "moves the mean by, log-odds", "changes decisions by, a day", "")


def page_of(reports: Sequence[DriftReport]) -> str:
    """One page over all models that were looked at."""
    title = f"{reports[0].title}: drift and health"
    return document(title, f"<h1>{escape(title)}</h1>\n{''.join(map(_section, reports))}")


def _section(report: DriftReport) -> str:
    health, worst = report.health, report.calibration.worst
    mark = "bad" if health.health is Health.ALARM else "good" if report.outcomes else ""
    told: list[str | Markup] = [
        Markup(f'<span class="bad">{escape(report.reason(one))}</span>, since {one.since:%Y-%m-%d}')
        for one in report.calibration.alarms
        if one.until is None
    ]
    told += [
        f"over: {report.reason(one)}; from {one.since:%Y-%m-%d} to {one.until:%Y-%m-%d}"
        for one in report.calibration.alarms
        if one.until is not None
    ]
    cost = (
        f"<strong>{escape(report.money(worst.cost.value))}</strong> a day are lost by deciding by it "
        f"({escape(worst.stream.name)})"
    )
    drifting = [one for one in report.inputs if one.drifted or one.cost > 0][:MOST_INPUTS]
    return (
        f"<h2>{escape(report.name)} version {escape(report.version)}: "
        f'<span class="{mark}">{health.health}</span></h2>\n'
        f"<p>{cost if report.outcomes else escape(report.unheard)}; as of {format_second(report.as_of)}; "
        f"{report.subjects:,} subjects since {format_second(report.begin)}, {report.outcomes:,} outcomes judged.</p>\n"
        f"{bullets(told)}"
        f"<h3>Outcomes of the last {report.window_days} days, by slice</h3>\n"
        f"{table(SLICES, map(_slice, report.calibration.findings))}"
        f"<h3>Score and inputs</h3>\n<p>Mean {report.scores.mean_now:.3f}, {report.scores.mean_before:.3f} before; "
        f"PSI {report.scores.psi:.2f}.</p>\n{table(INPUTS, map(_input, drifting))}"
    )


def _slice(one: Finding) -> tuple[str, ...]:
    cost, shift = one.cost, one.shift
    figures = (
        f"{cost.value:,.2f}",
        f"{cost.low:,.2f} – {cost.high:,.2f}",
        f"{one.n:,}",
        f"{one.predicted:.1%}",
        f"{one.observed:.1%}",
        f"{shift.value:+.2f}",
        f"{shift.low:+.2f} – {shift.high:+.2f}",
        f"{shift.slope:.2f}",
        f"{one.log_e:.1f}",
    )
    return one.stream.name, *map(Figure, figures)


def _input(one: Input) -> tuple[str, ...]:
    remark = "drifts and moves the score" if one.matters else "drifts" if one.drifted else ""
    return one.name, *map(Figure, (f"{one.psi:.2f}", f"{one.moved:+.3f}", f"{one.cost:,.2f}")), remark
