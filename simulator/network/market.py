"""The market: how hard trucks are to find, by day and region, and the prices that follow."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulator.network.clock import Clock
from simulator.network.metros import REGIONS
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.params import MarketKind

SOFT, TIGHT = -1.0, 1.0
"""Levels of the path; the unit is half the way between a soft and a tight market."""
TURNS_AT, EASES_AT, EASED = 0.4, 0.8, 0.4
"""Shares of the history at which a turning market tightens and eases, and the level it eases to."""
SHOCK_DAYS, SHOCKED, SETTLING_DAYS = 21, 0.36, 60
"""Days in which the market turns, the level it has then, and the days after which it is tight."""
EASING_DAYS = 60
KEPT, SPREAD = 0.9, 0.10
"""Day-to-day persistence and stationary spread of the market's own wandering."""
REGION_KEPT, REGION_SPREAD = 0.97, 0.08
SHORT_REGION = 0.75
"""Extra tightness of the region that trucks avoid, in units of the level; the next ones have much less."""
REGION_STEP = 0.05
SPOT_MIDDLE, SPOT_SLOPE = -0.24, 0.36
"""Spot minus contract price a mile where the level is 0, and its rise per unit of level."""
SPOT_LAG_DAYS = 7
RENEGOTIATED_DAYS = 91
RENEGOTIATION = 0.035
"""Change of contract rates a quarter per unit of level above :data:`RATES_HOLD_AT`."""
RATES_HOLD_AT = -0.35
CONTRACT_A_MILE = 2.0
"""Typical contract price a mile, by which a difference a mile becomes a ratio."""
HOLIDAY_LIFT, HOLIDAY_SLOPE = 0.19, -0.11
"""Extra tightness at the height of a holiday, in standard deviations of a carrier's utility, and per unit of level.

Where trucks are short all year, a holiday changes little.
"""
WEEKDAY_PULL = np.array([0.03, -0.04, -0.04, -0.02, 0.07, 0.05, 0.0])
"""Extra tightness by weekday, Monday first, in the same unit."""


@dataclass(frozen=True)
class Market:
    """Paths of the market over all days laid out.

    Attributes
    ----------
    target
        Level that the market is drawn to, (days,): known to whoever knows the world.
    level
        Where it is, (days,).
    regional
        What each region adds, (days, regions).
    region_mean
        What each region adds in the long run, (regions,).
    calendar
        Holidays and weekdays, (days,), in standard deviations of utility.
    spot_ratio
        Spot price over fair contract price, (days,).
    contract_index
        Contract rates over those of the first day, (days,).
    """

    target: Floats
    level: Floats
    regional: Floats
    region_mean: Floats
    calendar: Floats
    spot_ratio: Floats
    contract_index: Floats

    def tightness(self, day: Ints, region: Ints) -> Floats:
        """Level at a region on a day."""
        return np.asarray(self.level[day] + self.regional[day, region])


def make_market(noise: Noise, clock: Clock, kind: MarketKind) -> Market:
    """Draw the market's path."""
    days = np.arange(clock.laid_out)
    target = _target(kind, clock)
    level = target + SPREAD * wander(KEPT, noise.normal("market", days)[:, None])[:, 0]
    mean = _region_mean(noise)
    regions = np.arange(len(REGIONS))
    regional = mean + REGION_SPREAD * wander(REGION_KEPT, noise.normal("region", days[:, None], regions))
    lagged = level[np.maximum(days - SPOT_LAG_DAYS, 0)]
    return Market(
        target=target,
        level=level,
        regional=regional,
        region_mean=mean,
        calendar=_holidays(clock) * (HOLIDAY_LIFT + HOLIDAY_SLOPE * target) + WEEKDAY_PULL[clock.weekday],
        spot_ratio=1.0 + (SPOT_MIDDLE + SPOT_SLOPE * lagged) / CONTRACT_A_MILE,
        contract_index=_contract_index(target),
    )


def wander(kept: float, shocks: Floats) -> Floats:
    """Paths of unit spread that keep a share of yesterday's deviation: an autoregression of order 1 down the rows."""
    path = np.empty_like(shocks)
    path[0] = shocks[0]
    for day in range(1, len(shocks)):
        path[day] = kept * path[day - 1] + np.sqrt(1 - kept**2) * shocks[day]
    return path


def _target(kind: MarketKind, clock: Clock) -> Floats:
    days = np.arange(clock.laid_out)
    if kind is not MarketKind.TURNING:
        return np.full(len(days), SOFT if kind is MarketKind.SOFT else TIGHT)
    turns = TURNS_AT * clock.days
    eases = max(EASES_AT * clock.days, turns + SETTLING_DAYS)
    moments = [turns, turns + SHOCK_DAYS, turns + SETTLING_DAYS, eases, eases + EASING_DAYS]
    return np.interp(days, moments, [SOFT, SHOCKED, TIGHT, TIGHT, EASED])


def _region_mean(noise: Noise) -> Floats:
    """One region is shorter of trucks than all others; which one differs from world to world."""
    order = np.argsort(noise.uniform("short region", np.arange(len(REGIONS))))
    mean = np.empty(len(REGIONS))
    mean[order] = np.concatenate([[SHORT_REGION], -REGION_STEP * np.arange(len(REGIONS) - 1)])
    return mean


def _contract_index(target: Floats) -> Floats:
    """Rates are renegotiated each quarter after the market of the quarter before."""
    quarter = np.arange(len(target)) // RENEGOTIATED_DAYS
    means = np.array([target[quarter == q].mean() for q in range(quarter[-1] + 1)])
    steps = np.concatenate([[0.0], RENEGOTIATION * (means[:-1] - RATES_HOLD_AT)])
    return np.exp(np.cumsum(steps))[quarter]


def _holidays(clock: Clock) -> Floats:
    """Trucks thin out around holidays: 1 within the days named, fading over three days."""
    lift = np.zeros(clock.laid_out)
    for first, last in _holiday_spans(clock):
        for index, day in enumerate(clock.dates):
            away = max((first - day).days, (day - last).days, 0)
            lift[index] = max(lift[index], 1 - away / 3)
    return lift


def _holiday_spans(clock: Clock) -> list[tuple[date, date]]:
    spans = []
    for year in range(clock.dates[0].year, clock.dates[-1].year + 1):
        thanksgiving = _nth_weekday(date(year, 11, 1), 3, 4)
        spans += [(thanksgiving - timedelta(days=2), thanksgiving + timedelta(days=1))]
        spans += [(date(year, 12, 20), date(year, 12, 31)), (date(year, 7, 2), date(year, 7, 5))]
    return spans


def _nth_weekday(first: date, weekday: int, nth: int) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
