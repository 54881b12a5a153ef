"""Policies side by side: cost, service, tenders and planner minutes, and paired differences with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.network.noise import Floats, Ints
from simulator.network.params import SimulationParams
from simulator.whatif.clairvoyant import lower_bounds
from simulator.whatif.closed_loop import Loop, Policy, Start, start_after_warm_up
from simulator.whatif.outcomes import Outcomes
from simulator.whatif.policies import DoNothing, Rules, StaticGuide

CLAIRVOYANT = "clairvoyant (bound)"
MEASURES = ("cost", "late_share", "otif_share", "tenders", "planner_min")
BLOCK_DAYS = 2
"""Loads released within so many days share surroundings: they are drawn together."""
RESAMPLES = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Difference:
    """Mean of a paired difference, a load, with its interval: what a policy has more than the reference."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class PolicyReport:
    """How a policy fared.

    Attributes
    ----------
    cost
        Money a load.
    late_share, otif_share
        Of loads delivered: late; on time and in full.
    tenders, planner_min
        A load.
    against
        Differences from the reference by measure.
    """

    name: str
    loads: int
    cost: float
    late_share: float
    otif_share: float
    tenders: float
    planner_min: float
    against: dict[str, Difference]


@dataclass(frozen=True)
class PolicyComparison:
    """Policies compared on the same loads under the same chance.

    Attributes
    ----------
    reference
        Name of the policy that the differences are taken from.
    seeds, days, loads
        Replications, days with orders in each, loads over all.
    reports
        One a policy, and the clairvoyant's bound on cost last.
    """

    reference: str
    seeds: tuple[int, ...]
    days: int
    loads: int
    reports: tuple[PolicyReport, ...]

    def report(self, name: str) -> PolicyReport:
        """That of a policy."""
        return next(one for one in self.reports if one.name == name)

    def table(self) -> str:
        """Lines to print."""
        head = f"{self.loads:,} loads, {self.days} days, seeds {', '.join(map(str, self.seeds))}; differences from "
        columns = f"{'policy':<22}{'cost':>10}{'difference (95 %)':>28}{'late':>8}{'OTIF':>8}{'tenders':>9}{'min':>7}"
        return "\n".join([head + self.reference, columns, *(_line(one) for one in self.reports)])


def compare_policies(
    params: SimulationParams, days: int, seeds: Sequence[int], policies: Sequence[Policy] | None = None
) -> PolicyComparison:
    """Let policies steer the last days of a history, and compare them load by load.

    Parameters
    ----------
    params
        The network; until the last ``days`` of its history it runs under its routing guide.
    days
        Days with orders under each policy.
    seeds
        One replication each.
    policies
        Do nothing, the routing guide and threshold rules by default. The second, or the only one, is the reference.
    """
    chosen = tuple(policies) if policies is not None else (DoNothing(), StaticGuide(), Rules())
    reference = chosen[min(1, len(chosen) - 1)].name
    names = [*(one.name for one in chosen), CLAIRVOYANT]
    runs = [_measured(replace(params, seed=seed), days, chosen) for seed in seeds]
    values = {name: np.concatenate([run.values[name] for run in runs], axis=1) for name in names}
    blocks = np.concatenate([run.blocks + 10_000 * turn for turn, run in enumerate(runs)])
    reports = tuple(_report(name, values[name], values[reference], blocks) for name in names)
    return PolicyComparison(reference, tuple(seeds), days, len(blocks), reports)


@dataclass(frozen=True)
class _Run:
    """Measures of one replication by policy, (measures, loads), and the block of days of each load."""

    values: dict[str, Floats]
    blocks: Ints


def _measured(params: SimulationParams, days: int, policies: Sequence[Policy]) -> _Run:
    start = start_after_warm_up(params, days)
    ended = {one.name: Loop(start, one).run() for one in policies}
    values = {name: measures(outcomes) for name, outcomes in ended.items()}
    values[CLAIRVOYANT] = np.full_like(next(iter(values.values())), np.nan)
    values[CLAIRVOYANT][0] = bounds(start, list(ended.values()))
    return _Run(values, (start.orders.key >> 34) // BLOCK_DAYS)


def measures(outcomes: Outcomes) -> Floats:
    """:data:`MEASURES` of each load, (measures, loads); shares are NaN for loads that were never delivered."""
    late = np.where(outcomes.delivered, outcomes.late, np.nan)
    full = np.where(outcomes.delivered, ~outcomes.late & ~outcomes.loads.short, np.nan)
    return np.stack([outcomes.costs.total, late, full, outcomes.tenders.astype(float), outcomes.planner_min])


def bounds(start: Start, ended: Sequence[Outcomes]) -> Floats:
    """The clairvoyant's cost of each load, over all ways as long as the longest that came about."""
    until = np.fmax.reduce([np.fmax(one.loads.ready_at, one.loads.arrived_at) for one in ended])
    tenders = np.maximum.reduce([one.tenders for one in ended])
    return lower_bounds(start.world, start.orders, until, tenders)


def _report(name: str, values: Floats, reference: Floats, blocks: Ints) -> PolicyReport:
    means = dict(zip(MEASURES, _mean(values), strict=True))
    low, high = interval(values - reference, blocks)
    middle = _mean(values - reference)
    against = {
        measure: Difference(float(middle[at]), float(low[at]), float(high[at])) for at, measure in enumerate(MEASURES)
    }
    return PolicyReport(name, values.shape[1], **{one: float(mean) for one, mean in means.items()}, against=against)


def _mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def interval(differences: Floats, blocks: Ints, seed: int = 0) -> tuple[Floats, Floats]:
    """Interval of mean differences by a bootstrap of whole blocks (Davison & Hinkley 1997, §3.8, percentiles).

    Parameters
    ----------
    differences
        (measures, loads); NaN counts for nothing.
    blocks
        (loads,) block of each load.

    Returns
    -------
    tuple
        Lower and upper ends at :data:`LEVEL`, (measures,) each.
    """
    _, block = np.unique(blocks, return_inverse=True)
    known = np.isfinite(differences)
    sums = np.stack([np.bincount(block, np.where(k, row, 0.0)) for row, k in zip(differences, known, strict=True)])
    counts = np.stack([np.bincount(block, row.astype(float)) for row in known])
    drawn = np.random.default_rng(seed).integers(0, sums.shape[1], (RESAMPLES, sums.shape[1]))
    total, count = sums[:, drawn].sum(axis=2), counts[:, drawn].sum(axis=2)
    means = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
    ends = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return ends[0], ends[1]


def _line(one: PolicyReport) -> str:
    cost = one.against["cost"]
    apart = f"{cost.mean:+,.1f} [{cost.low:+,.1f}, {cost.high:+,.1f}]"
    service = f"{_share(one.late_share)}{_share(one.otif_share)}"
    work = "" if np.isnan(one.tenders) else f"{one.tenders:>9.2f}{one.planner_min:>7.1f}"
    return f"{one.name:<22}{one.cost:>10,.1f}{apart:>28}{service}{work}".rstrip()


def _share(share: float) -> str:
    return " " * 8 if np.isnan(share) else f"{share:>8.1%}"
