"""``DIR/truth``: what nobody in the network could know. Only benchmarks, tests and the simulator itself read it."""

import json
from pathlib import Path
from typing import Any

from simulator.network.carriers import EQUIPMENT
from simulator.network.params import SimulationParams
from simulator.network.patterns import CARRIER_LATE_MIN, CUSTOMER_SLOW, LANE_SLOW, SHIFT_SLOW
from simulator.network.sites import SHIFTS
from simulator.network.world import World
from simulator.record.labels import Labels
from simulator.truth.past import Past

README = """What is true of this simulated network, apart from what its systems recorded.

world.json                the parameters and the seed that made it
patterns.json             recurring delays that were planted
eta_risk.parquet          of a sample: true probabilities by stage, with all that is hidden known (p_latent) and as the
tender_failure.parquet    ideal forecaster sees them, who knows the world's laws and what was on record (p_ideal)
severity.parquet
scores.json               how well these probabilities foretold what came about: what no model can beat, but by luck

Nothing that learns or serves reads this folder. The simulator reads world.json to live through the network again, when
`lanewise compare` asks it what other decisions would have cost.
"""


def write_truth(folder: Path, world: World, labels: Labels, past: Past | None, thresholds: tuple[float, ...]) -> None:
    """Write the truth of a run into an empty folder; without a past, only what was planted."""
    (folder / "README.txt").write_text(README, encoding="utf-8")
    _write_json(folder / "world.json", world_of(world.params))
    _write_json(folder / "patterns.json", patterns_of(world, labels))
    if past is not None:
        from simulator.truth.probabilities import truth_of  # slow to import, and needed for a sample only

        truth = truth_of(past, thresholds)
        truth.write(folder)
        _write_json(folder / "scores.json", [vars(score) for score in truth.summary()])


def world_of(params: SimulationParams) -> dict[str, Any]:
    """What the run was asked for."""
    said = {name: value for name, value in vars(params).items() if name != "start"}
    return {**said, "market": str(params.market), "start": params.start.isoformat()}


def patterns_of(world: World, labels: Labels) -> list[dict[str, Any]]:
    """Each planted pattern by the names that the tables use; effects on logarithms of times, and minutes."""
    planted, lanes = world.patterns, world.lanes
    centres, sites = labels.centres.to_pylist(), labels.customer_sites.to_pylist()
    ends = centres[lanes.centre[planted.lane]], sites[lanes.customer[planted.lane]]
    return [
        {
            "kind": "lane", "origin_id": ends[0], "destination_id": ends[1],
            "equipment": EQUIPMENT[lanes.equipment[planted.lane]], "effect": "driving takes longer", "log": LANE_SLOW,
        },
        {
            "kind": "customer", "customer_id": labels.customers.to_pylist()[planted.customer],
            "effect": "unloading takes longer", "log": CUSTOMER_SLOW,
        },
        {
            "kind": "shift", "site_id": centres[planted.centre], "shift": SHIFTS[planted.shift],
            "effect": "loading takes longer, more picks come up short", "log": SHIFT_SLOW,
        },
        {
            "kind": "carrier", "carrier_id": labels.carriers.to_pylist()[planted.carrier],
            "effect": "arrives late at pickup", "min": CARRIER_LATE_MIN,
        },
    ]  # fmt: skip


def _write_json(file: Path, document: Any) -> None:
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
