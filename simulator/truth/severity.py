"""How probable each class of an exception's cost was when it was raised."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from domain.codes import EXCEPTION_KINDS
from simulator.flow.trouble import COST_SPREAD, Troubles, cost, cost_law
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.record.reporting import raised_known_at
from simulator.truth.beliefs import Beliefs
from simulator.truth.hardness import GRID
from simulator.truth.past import Past


@dataclass(frozen=True)
class SeverityTruth:
    """Probabilities of classes, one entry for each exception.

    Attributes
    ----------
    key, nth
        The load, and which of its exceptions.
    as_of
        When it was known, minutes.
    latent, ideal
        (exceptions, classes): of whom knows the load's hardness, and of whom sees the record. Both are exact.
    severity
        The class that came about.
    """

    key: Ints
    nth: Ints
    as_of: Floats
    latent: Floats
    ideal: Floats
    severity: Ints


def severity_truth(past: Past, beliefs: Beliefs, thresholds: tuple[float, ...]) -> SeverityTruth:
    """Work out the probabilities of a sample of exceptions.

    Parameters
    ----------
    thresholds
        Upper bounds of all classes but the last, inclusive, in money.
    """
    world, troubles = past.world, chosen(past)
    as_of = raised_known_at(world, troubles.key, troubles.nth, troubles.raised_at)
    weight = beliefs.hardness(troubles.key, as_of, refusals(troubles)).weight
    ideal = np.zeros((len(troubles), len(thresholds) + 1))
    for column, hard in enumerate(GRID):
        ideal += weight[:, column, None] * classes(world, troubles, np.full(len(troubles), hard), thresholds)
    came = np.searchsorted(np.array(thresholds), cost(world, troubles), side="left")
    latent = classes(world, troubles, troubles.hard, thresholds)
    return SeverityTruth(troubles.key, troubles.nth, as_of, latent, ideal, came)


def classes(world: World, troubles: Troubles, hard: Floats, thresholds: tuple[float, ...]) -> Floats:
    """Probability of each class given hardness, (exceptions, classes)."""
    mean = cost_law(world, troubles, hard)
    below = ndtr((np.log(np.array(thresholds)) - mean[:, None]) / COST_SPREAD)
    edges = np.concatenate([np.zeros((len(mean), 1)), below, np.ones((len(mean), 1))], axis=1)
    return np.asarray(np.diff(edges, axis=1))


def refusals(troubles: Troubles) -> Ints:
    """How many refusals an exception tells of: those of tenders count them."""
    of_tenders = np.isin(troubles.kind, [EXCEPTION_KINDS.index(kind) for kind in ("tender_rejected", "tender_expired")])
    return np.where(of_tenders, troubles.size, 0.0).astype(np.int64)


def chosen(past: Past) -> Troubles:
    """At most a sample's number of exceptions, by hash, sorted by load."""
    troubles = past.troubles
    chance = past.world.noise.uniform("truth exception", troubles.key, troubles.nth)
    some = troubles[np.argsort(chance, kind="stable")[: past.sample]]
    return some[np.lexsort((some.nth, some.key))]
