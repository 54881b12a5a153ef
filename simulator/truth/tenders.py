"""How probable it was that an offer would not be accepted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from simulator.flow.tendering import ACCEPTED, CANCELLED, FOR_HARD_LOADS
from simulator.network.noise import Floats, Ints
from simulator.network.standing import FOR_LEVEL
from simulator.record.reporting import to_second
from simulator.truth.beliefs import accepted
from simulator.truth.continuation import Chances
from simulator.truth.past import Past
from simulator.truth.surroundings import AsBelieved, AsItIs


@dataclass(frozen=True)
class TenderTruth:
    """Probabilities that offers fail, one entry each.

    Attributes
    ----------
    key, sequence
        The load, and which of its offers.
    as_of
        When it was made, minutes.
    latent, ideal
        Of whom sees all that is hidden, and of whom sees the record. Both are exact: whatever is hidden adds a
        Gaussian doubt to the utility, except hardness, which is summed over its grid.
    failed
        What came about.
    """

    key: Ints
    sequence: Ints
    as_of: Floats
    latent: Chances
    ideal: Chances
    failed: NDArray[np.bool_]


def tender_truth(past: Past, believed: AsBelieved) -> TenderTruth:
    """Work out the probabilities of a sample of answered offers, chosen by hash."""
    beliefs = believed.beliefs
    world, offers, rows = past.world, past.offers, chosen(past)
    key, as_of, day = offers.key[rows], offers.offered_at[rows], world.clock.day(offers.offered_at[rows])
    region = world.origin_region(offers.lane[rows])
    market, doubt = believed.tightness_law(day, region, day)
    mood, spread = beliefs.mood(offers.carrier[rows], day, as_of)
    without = beliefs.appeal[rows] + FOR_LEVEL * world.market.tightness(day, region)
    belief = beliefs.hardness(key, as_of)
    ideal = accepted(belief, without - FOR_LEVEL * market + mood, np.sqrt(spread**2 + FOR_LEVEL**2 * doubt))
    as_it_is = AsItIs(believed.sample).mood(offers.carrier[rows], day, key)
    latent = ndtr(beliefs.appeal[rows] + as_it_is - FOR_HARD_LOADS * offers.hard[rows])
    exact = np.zeros(len(rows))
    failed = offers.outcome[rows] != ACCEPTED
    return TenderTruth(
        key, offers.sequence[rows], to_second(as_of), Chances(1 - latent, exact), Chances(1 - ideal, exact), failed
    )


def chosen(past: Past) -> Ints:
    """Rows of at most a sample's number of offers that were answered or lapsed."""
    answered = np.flatnonzero(past.offers.outcome != CANCELLED)
    chance = past.world.noise.uniform("truth tender", past.offers.key[answered], past.offers.sequence[answered])
    return np.sort(answered[np.argsort(chance, kind="stable")[: past.sample]])
