"""Everything about a network that does not change from day to day."""

from dataclasses import dataclass

from simulator.network.carriers import Carriers, make_carriers
from simulator.network.clock import Clock
from simulator.network.guide import Guide, make_guide
from simulator.network.lanes import LOADS_A_LANE, Lanes, make_lanes
from simulator.network.levelling import levelled
from simulator.network.market import Market, make_market
from simulator.network.noise import Ints, Noise
from simulator.network.params import SimulationParams
from simulator.network.patterns import Patterns, plant
from simulator.network.sites import Centres, Customers, make_centres, make_customers
from simulator.network.weather import Weather, make_weather

MOST_CUSTOMERS = 1_500
LANES_A_CUSTOMER = 5


@dataclass(frozen=True)
class World:
    """A network, its market and its weather.

    Attributes
    ----------
    noise
        All chance in it.
    patterns
        Recurring delays that were planted, already worked into the parts they concern.
    """

    params: SimulationParams
    clock: Clock
    noise: Noise
    centres: Centres
    customers: Customers
    lanes: Lanes
    carriers: Carriers
    guide: Guide
    market: Market
    weather: Weather
    patterns: Patterns

    def origin_zone(self, lane: Ints) -> Ints:
        """Clock zone of the centre at which lanes start."""
        return self.centres.zone[self.lanes.centre[lane]]

    def origin_region(self, lane: Ints) -> Ints:
        """Region of the centre at which lanes start."""
        return self.centres.region[self.lanes.centre[lane]]


def make_world(params: SimulationParams) -> World:
    """Build the network of a seed."""
    noise, clock = Noise(params.seed), params.clock
    centres = make_centres(noise, params.a_year)
    count = round(params.a_year / LOADS_A_LANE / LANES_A_CUSTOMER)
    customers = make_customers(noise, min(MOST_CUSTOMERS, max(12, count)))
    lanes = make_lanes(noise, params.a_year, centres, customers)
    carriers = make_carriers(noise, params.a_year, params.days)
    market = make_market(noise, clock, params.market)
    guide = make_guide(noise, lanes, centres, carriers)
    carriers = levelled(carriers, lanes, centres, guide, market)
    patterns, lanes, customers, carriers = plant(noise, centres, lanes, customers, carriers, guide)
    weather = make_weather(noise, clock)
    return World(params, clock, noise, centres, customers, lanes, carriers, guide, market, weather, patterns)
