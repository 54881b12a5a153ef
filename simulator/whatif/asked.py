"""A simulated data set's world, lived through again to be asked by the names that its tables use."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from domain.errors import LanewiseError
from simulator.network.clock import DAY
from simulator.network.noise import Floats, Ints
from simulator.network.params import MarketKind, SimulationParams
from simulator.record.names import names
from simulator.simulate import TRUTH
from simulator.whatif.actions import DO_NOTHING, EXPEDITE, NOTIFY, Actions
from simulator.whatif.answer import answers
from simulator.whatif.history import History, joined, lived_through

WORLD = f"{TRUTH}/world.json"
"""Where a data set's folder has the parameters that made it."""
ACTIONS = {"do_nothing": DO_NOTHING, "notify": NOTIFY, "expedite": EXPEDITE}


class World:
    """Implements :class:`domain.what_if.WhatIf` over a simulated network; what is asked first takes as long as a run.

    Parameters
    ----------
    params
        What made the data set.
    """

    def __init__(self, params: SimulationParams) -> None:
        self.params = params

    @cached_property
    def history(self) -> History:
        """What happened."""
        return lived_through(self.params)

    @cached_property
    def keys(self) -> dict[str, int]:
        """Key of each load by its name in the tables."""
        key = joined(self.history.released).key
        return dict(zip(names(self.history.world.noise, "shipment", key).to_pylist(), key.tolist(), strict=True))

    def costs(self, shipments: Sequence[str], actions: Sequence[str], as_of: pd.Series) -> Floats:
        """Money, shape (n,); see :class:`domain.what_if.WhatIf`."""
        if not len(shipments):
            return np.zeros(0)
        asked = Actions.of([ACTIONS[name] for name in actions])
        return np.asarray(answers(self.history, self._found(shipments), asked, self._minutes(as_of)).costs.total)

    def _found(self, shipments: Sequence[str]) -> Ints:
        unknown = [name for name in shipments if name not in self.keys]
        if unknown:
            raise LanewiseError(
                f"the simulator does not make the shipment {unknown[0]} any more; `lanewise simulate` the data anew"
            )
        return np.array([self.keys[name] for name in shipments], dtype=np.int64)

    def _minutes(self, as_of: pd.Series) -> Floats:
        start = pd.Timestamp(self.params.start, tz="UTC")
        return np.asarray((as_of - start) / pd.Timedelta(days=1) * DAY, dtype=np.float64)


def world_beside(folder: Path) -> World | None:
    """The world of a simulated data set; nothing where its parameters are not beside it."""
    file = folder / WORLD
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        market, start = MarketKind(said["market"]), date.fromisoformat(said["start"])
        return World(SimulationParams(**{**said, "market": market, "start": start}))
    except (OSError, ValueError, KeyError, TypeError):
        return None
