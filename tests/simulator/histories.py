"""Histories for tests: made once, and altered copies that leave the files alone."""

from pathlib import Path

import pandas as pd

from domain.facts import FACTS
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import simulate
from store.dataset import Dataset


def history(
    folder: Path, shipments: int, seed: int, market: MarketKind = MarketKind.TURNING, days: int = 365
) -> Dataset:
    """Simulate a network without working out its truth."""
    return simulate(SimulationParams(shipments, days, seed, market, truth_sample=0), folder).dataset


def altered(dataset: Dataset, **tables: pd.DataFrame) -> Dataset:
    """The data set with other tables in place of its own, in memory."""
    kept = {name: dataset.table(name) for name in FACTS}
    return Dataset(dataset.folder, dataset.description, {**kept, **tables})
