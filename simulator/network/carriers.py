"""Carriers: what they drive, where they are at home, how willing and how punctual they are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator.network.columns import Columns
from simulator.network.metros import REGIONS
from simulator.network.noise import HAND, Floats, Ints, Noise

EQUIPMENT = ("van", "reefer", "flatbed")
ASSET_DRIVES = np.array([0.85, 0.45, 0.35])
BROKER_DRIVES = np.array([1.0, 0.9, 0.8])
BROKER_SHARE = 0.4
CHANNELS = ("edi", "portal", "phone")
CHANNEL_SHARE = np.array([0.5, 0.3, 0.2])
NEW_SHARE = 0.12
CHANGING_SHARE = 0.1


@dataclass(frozen=True)
class Carriers(Columns):
    """Carriers, one entry each.

    Attributes
    ----------
    broker
        Brokers find somebody; asset carriers drive themselves.
    drives
        Which of :data:`EQUIPMENT` they have, (carriers, 3).
    home
        Home region.
    cost
        Their price level over the fair price, in logarithms.
    willing
        Effect on the utility of any offer.
    late_min
        Mean lateness at pickup, minutes.
    pace
        Effect on the logarithm of driving time; ``pace_spread`` is its standard deviation.
    size
        Share of the network's loads that they plan for.
    channel
        How they report: index into :data:`CHANNELS`. Dealt out regardless of how good they are.
    since_day
        First day on which they are offered anything.
    change_day, change
        From that day on, ``change`` is added to their willingness.
    """

    broker: NDArray[np.bool_]
    drives: NDArray[np.bool_]
    home: Ints
    cost: Floats
    willing: Floats
    late_min: Floats
    pace: Floats
    pace_spread: Floats
    size: Floats
    channel: Ints
    since_day: Ints
    change_day: Ints
    change: Floats

    @cached_property
    def on_spot(self) -> tuple[Ints, ...]:
        """Brokers that bid on the spot market, by trailer; the first carrier where there is none."""
        fitting = self.broker[:, None] & self.drives & (self.since_day == 0)[:, None]
        return tuple(np.flatnonzero(column) if column.any() else np.array([0]) for column in fitting.T)


def make_carriers(noise: Noise, loads_a_year: float, days: int) -> Carriers:
    """Carriers by the size of the network: 40 to 240 of them."""
    count = int(np.clip(30 + loads_a_year / 1_500, 40, 240))
    who = np.arange(count)
    broker = noise.uniform("broker", who) < BROKER_SHARE
    # Few carriers win most lanes; the cheapest are no more willing, and change no more often, than others.
    cost = 0.03 * noise.normal("carrier cost", who) + np.where(broker, 0.02, 0.0)
    order = np.lexsort((cost, broker))
    pace = 0.03 * noise.normal("carrier pace", who)
    size = np.exp(0.8 * noise.normal("carrier size", who)) * np.where(broker, 1.3, 1.0)
    new = noise.uniform("new carrier", who) < NEW_SHARE
    changing = noise.dealt("changing carrier", order) < CHANGING_SHARE
    return Carriers(
        broker=broker,
        drives=_drives(noise, broker),
        home=noise.chosen("carrier home", np.ones(len(REGIONS)), who),
        cost=cost,
        willing=0.22 * ndtri(noise.dealt("carrier willing", order)),
        late_min=12.0 * noise.exponential("carrier late", who),
        pace=pace,
        pace_spread=0.05 + 0.06 * noise.uniform("carrier spread", who),
        size=size / size.sum(),
        channel=_channels(noise, cost, pace),
        since_day=np.where(new, days * (0.2 + 0.6 * noise.uniform("since", who)), 0).astype(np.int64),
        change_day=(days * (0.3 + 0.5 * noise.uniform("change day", who))).astype(np.int64),
        change=np.where(changing, -0.7, 0.0),
    )


def _drives(noise: Noise, broker: NDArray[np.bool_]) -> NDArray[np.bool_]:
    kinds = np.arange(len(EQUIPMENT))
    share = np.where(broker[:, None], BROKER_DRIVES, ASSET_DRIVES)
    drives = noise.uniform("drives", np.arange(len(broker))[:, None], kinds) < share
    drives[~drives.any(axis=1), 0] = True
    drives[:2] = True
    return np.asarray(drives)


def _channels(noise: Noise, cost: Floats, pace: Floats) -> Ints:
    """Channels in their shares among the slow as among the fast, the cheap (who carry most) as the dear."""
    cheapest = np.argsort(np.argsort(cost, kind="stable"), kind="stable") // (2 * HAND)
    drawn = noise.dealt("carrier channel", np.lexsort((pace, cheapest)))
    return np.searchsorted(np.cumsum(CHANNEL_SHARE)[:-1], drawn)
