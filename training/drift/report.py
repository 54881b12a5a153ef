"""Drift and health of one model as a value: a document, a few lines, what the service tells."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import pandas as pd

from domain.health import Health, ModelHealth
from domain.moment import format_second
from store.health import FORMAT
from training.drift.calibration import Alarm, Calibration, Finding
from training.drift.inputs import Input
from training.drift.scores import Scores

MOST_TOLD = 5
NEARLY_ONE = 0.15
"""A slope so near to 1 is not worth a word."""


@dataclass(frozen=True)
class DriftReport:
    """What was found.

    Attributes
    ----------
    name, version
        As the registry names the model.
    what
        Of what it is asked, such as ``late``.
    title
        What the data set is called; marked where it is simulated.
    begin, as_of
        When training ended, and up to which moment anything was known.
    subjects, outcomes
        How many came since, and how many outcomes of theirs were judged.
    """

    name: str
    version: str
    what: str
    title: str
    currency: str
    begin: pd.Timestamp
    as_of: pd.Timestamp
    subjects: int
    outcomes: int
    window_days: int
    calibration: Calibration
    inputs: tuple[Input, ...]
    scores: Scores

    @property
    def health(self) -> ModelHealth:
        """What the service tells."""
        if not self.outcomes:
            return ModelHealth(Health.UNKNOWN, self.unheard, None, self.as_of.to_pydatetime())
        as_of, cost = self.as_of.to_pydatetime(), float(f"{self.calibration.worst.cost.value:.10g}")
        standing = self.calibration.standing
        if standing is None:
            return ModelHealth(Health.OK, "", None, as_of, cost)
        return ModelHealth(Health.ALARM, self.reason(standing), standing.since.to_pydatetime(), as_of, cost)

    @property
    def unheard(self) -> str:
        """That nothing can be judged."""
        return (
            f"no outcome counts yet of the {self.subjects:,} subjects since {format_second(self.begin)}; "
            "they are judged once slow ones can be known, too"
        )

    def reason(self, alarm: Alarm) -> str:
        """An alarm in words, cost first."""
        one = alarm.finding
        direction = "more" if one.shift.value > 0 else "less"
        slope = "" if abs(one.shift.slope - 1) < NEARLY_ONE else f" and a slope of {one.shift.slope:.2f}"
        return (
            f"deciding by it loses {self.money(one.cost.value)} a day: in {one.stream.name}, {self.what} in "
            f"{one.observed:.1%} where {one.predicted:.1%} was predicted, {direction} by {abs(one.shift.value):.2f} "
            f"log-odds{slope} over {one.n:,} outcomes of {one.days} days; it began about {alarm.began:%Y-%m-%d}"
        )

    def money(self, sum_: float) -> str:
        """A sum in the data set's currency."""
        return f"{sum_:,.2f} {self.currency}"

    def summary(self) -> str:
        """A few lines, cost first."""
        head = [
            f"{self.name} version {self.version}, {self.title}: {self.health.health} as of {format_second(self.as_of)}",
            f"  {self._cost() if self.outcomes else self.unheard}",
        ]
        told = [f"  alarm since {one.since:%Y-%m-%d}: {self.reason(one)}" for one in self._standing()]
        past = [
            f"  alarm from {one.since:%Y-%m-%d} to {one.until:%Y-%m-%d}, over: {one.finding.stream.name}"
            for one in self.calibration.alarms
            if one.until is not None
        ]
        return "\n".join([*head, *told, *past[-MOST_TOLD:], *self._scores(), *self._inputs()])

    def _cost(self) -> str:
        worst = self.calibration.worst
        cost = worst.cost
        return (
            f"costs {self.money(cost.value)} a day [{cost.low:,.2f}, {cost.high:,.2f}] to decide by it, "
            f"{cost.changed:,.1f} decisions a day would be others ({worst.stream.name})"
        )

    def _standing(self) -> list[Alarm]:
        return [self.calibration.standing] if self.calibration.standing else []

    def _scores(self) -> list[str]:
        one = self.scores
        abstaining = "" if one.abstaining is None else f", abstains in {one.abstaining:.1%}"
        drift = ", another distribution" if one.drifted else ""
        return [
            f"  score: mean {one.mean_now:.3f} over {self.window_days} days, {one.mean_before:.3f} before; "
            f"PSI {one.psi:.2f}{drift}{abstaining}"
        ]

    def _inputs(self) -> list[str]:
        drifted = [one for one in self.inputs if one.drifted]
        matter = [one for one in drifted if one.matters]
        lines = [f"  inputs: {len(drifted)} of {len(self.inputs)} columns drift, {len(matter)} of them move the score"]
        return lines + [
            f"    {one.name}: PSI {one.psi:.2f}, moves the mean by {one.moved:+.3f} log-odds, changes decisions by "
            f"{self.money(one.cost)} a day"
            for one in matter[:MOST_TOLD]
        ]

    def as_json(self) -> dict[str, Any]:
        """The report as a document; figures have ten digits, what is not finite is null."""
        health = self.health
        said = {
            "state": str(health.health),
            "reason": health.reason,
            "since": None if health.since is None else format_second(health.since),
            "as_of": format_second(self.as_of),
            "cost_per_day": health.cost_per_day,
        }
        known = {"begin": format_second(self.begin), "subjects": self.subjects, "outcomes": self.outcomes}
        of = {"format": FORMAT, "name": self.name, "version": self.version, "data": self.title, "what": self.what}
        document = {**of, "currency": self.currency, "health": said, **known, "window_days": self.window_days}
        document |= {"alarms": [_alarm(one) for one in self.calibration.alarms]}
        document |= {"slices": [_finding(one) for one in self.calibration.findings]}
        document |= {"evidence": _levels(self.calibration), "scores": asdict(self.scores)}
        document |= {"inputs": [{**asdict(one), "matters": one.matters} for one in self.inputs]}
        plain: dict[str, Any] = _plain(document)
        return plain


def _alarm(one: Alarm) -> dict[str, Any]:
    until = None if one.until is None else f"{one.until:%Y-%m-%d}"
    days = {"since": f"{one.since:%Y-%m-%d}", "began": f"{one.began:%Y-%m-%d}", "until": until}
    return {**days, **_finding(one.finding)}


def _finding(one: Finding) -> dict[str, Any]:
    low, high = one.tolerated
    return {
        "slice": one.stream.name,
        "cost_per_day": {"value": one.cost.value, "low": one.cost.low, "high": one.cost.high},
        "decisions_changed_per_day": one.cost.changed,
        "days": one.days,
        "n": one.n,
        "predicted": one.predicted,
        "observed": one.observed,
        "shift": asdict(one.shift),
        "tolerated_shift": {"down": low, "up": high},
        "log_e": one.log_e,
    }


def _levels(calibration: Calibration) -> dict[str, Any]:
    days = [f"{day:%Y-%m-%d}" for day in calibration.days]
    return {"threshold": calibration.threshold, "days": days, "log": list(calibration.levels)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.10g}") if isfinite(value) else None
    return value
