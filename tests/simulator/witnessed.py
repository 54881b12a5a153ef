"""A network watched to its end, and its truth, worked out once."""

from functools import lru_cache

from simulator.flow.engine import Network
from simulator.network.params import SimulationParams
from simulator.network.world import make_world
from simulator.truth.beliefs import Beliefs
from simulator.truth.lattice import Lattice
from simulator.truth.past import Past, Witness
from simulator.truth.probabilities import Truth, truth_of
from simulator.truth.surroundings import AsBelieved, Intake, Sample, afresh
from simulator.whatif.history import DRAIN_DAYS

PARAMS = SimulationParams(shipments=12_000, days=120, seed=17, truth_sample=4_000)
THRESHOLDS = (150.0, 400.0, 1_000.0)
DRAWS = 96


def watched(params: SimulationParams) -> Past:
    """Let a network run, and on until all is settled."""
    world = make_world(params)
    network, witness = Network(world), Witness(world, params.truth_sample)
    for day in range(params.days + DRAIN_DAYS):
        witness.add(network.next_day(day, orders=day < params.days))
    return witness.past()


@lru_cache
def past() -> Past:
    return watched(PARAMS)


@lru_cache
def beliefs() -> Beliefs:
    return Beliefs(past())


@lru_cache
def believed() -> AsBelieved:
    """Surroundings as believed when each load of the sample was released."""
    sample, noise = Sample(past(), past().finished, past().finished.released_at), afresh(past().world).noise
    assert isinstance(noise, Lattice)
    return AsBelieved(sample, beliefs(), Intake.of(past()), noise)


@lru_cache
def truth() -> Truth:
    return truth_of(past(), THRESHOLDS, DRAWS)
