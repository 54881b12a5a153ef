"""Weather fronts: a field over a map of cells that the west wind carries eastward, one cell a day."""

from dataclasses import dataclass

import numpy as np

from simulator.network.clock import Clock
from simulator.network.metros import LAT, LON
from simulator.network.noise import Floats, Ints, Noise

WEST, CELL_LON = -125.0, 5.0
SOUTH, CELL_LAT = 24.0, 9.0
COLUMNS, ROWS = 12, 3
KEPT = 0.85
"""Share of a cell's weather that comes from its western neighbour of the day before."""
STORM_FROM_SUMMER, STORM_FROM_WINTER = 1.6, 1.25
UPWIND = np.where(np.arange(ROWS * COLUMNS) % COLUMNS > 0, np.arange(ROWS * COLUMNS) - 1, -1)
"""Western neighbour of each cell; -1 at the coast."""


@dataclass(frozen=True)
class Weather:
    """The field over all days laid out.

    Attributes
    ----------
    field
        (days, cells), of unit spread.
    storm_from
        (days,): where a storm begins.
    """

    field: Floats
    storm_from: Floats

    def storm(self, day: Ints, cell: Ints) -> Floats:
        """Strength of the storm in a cell, 0 where there is none."""
        return np.maximum(0.0, self.field[day, cell] - self.storm_from[day])


def make_weather(noise: Noise, clock: Clock) -> Weather:
    """Draw the field."""
    days, cells = np.arange(clock.laid_out), np.arange(ROWS * COLUMNS)
    fresh = noise.normal("weather", days[:, None], cells)
    field = np.empty_like(fresh)
    field[0] = fresh[0]
    for day in range(1, clock.laid_out):
        field[day] = blown(field[day - 1], fresh[day])
    season = np.cos(2 * np.pi * (np.array([d.timetuple().tm_yday for d in clock.dates]) - 15) / 365.25)
    middle, half = (STORM_FROM_SUMMER + STORM_FROM_WINTER) / 2, (STORM_FROM_SUMMER - STORM_FROM_WINTER) / 2
    return Weather(field, middle - half * season)


def blown(field: Floats, fresh: Floats) -> Floats:
    """The field a day later: each cell's weather moves one cell east, and something new is added."""
    upwind = np.where(UPWIND >= 0, field[UPWIND], fresh)
    return np.asarray(np.where(UPWIND >= 0, KEPT * upwind + np.sqrt(1 - KEPT**2) * fresh, fresh))


def cell_between(one: Ints, other: Ints) -> Ints:
    """Cell half way between two metros."""
    return cell_at((LAT[one] + LAT[other]) / 2, (LON[one] + LON[other]) / 2)


def cell_at(lat: Floats, lon: Floats) -> Ints:
    """Cell of the map at a place, in degrees."""
    row = np.clip((lat - SOUTH) // CELL_LAT, 0, ROWS - 1)
    column = np.clip((lon - WEST) // CELL_LON, 0, COLUMNS - 1)
    return (row * COLUMNS + column).astype(np.int64)


CELL = cell_at(LAT, LON)
"""Cell of each metro."""
