""" "Load": a problem folder read into sorted arrays with pyarrow and numpy. The unit of the joint plan's figures.

``python -m benchmarks.plan_load FOLDER [TIMES]`` prints the least seconds. Straightforward, one thread, and never
tuned: a target of "12 × load" would otherwise move. It checks nothing, so it is no way to read a problem.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Ints = npt.NDArray[np.int64]
NONE = -(2**62)
"""Stands for null in bounds and penalties."""


@dataclass(frozen=True, eq=False)
class Loaded:
    """n candidates sorted by (case, action), m uses, R resources, e exclusions.

    Attributes
    ----------
    case, cost
        (n,) case of each candidate, ascending, and its cents.
    by_action
        (m, 3) action, resource, amount; sorted by (action, resource).
    by_resource
        (m, 3) the same sorted by (resource, action).
    limits
        (R, 4) lo, hi and their penalties; :data:`NONE` for null.
    exclusions
        (e, 2) actions.
    """

    case: Ints
    cost: Ints
    by_action: Ints
    by_resource: Ints
    limits: Ints
    exclusions: Ints


def load(folder: Path) -> Loaded:
    """Read the four tables, map ids to integers, sort."""
    candidates, usage, resources, exclusions = (
        pq.read_table(folder / f"{name}.parquet", use_threads=False)
        for name in ("candidates", "usage", "resources", "exclusions")
    )
    candidates = candidates.sort_by([("case_id", "ascending"), ("action_id", "ascending")])
    resources = resources.sort_by("resource_id")
    actions, names = candidates["action_id"], resources["resource_id"]
    uses = np.column_stack(
        [_numbers(usage["action_id"], actions), _numbers(usage["resource_id"], names), usage["amount"].to_numpy()]
    )
    pairs = [_numbers(exclusions[name], actions) for name in ("action_id_1", "action_id_2")]
    limits = [
        pc.fill_null(resources[name], NONE).to_numpy() for name in ("lo", "hi", "penalty_lo_cents", "penalty_hi_cents")
    ]
    return Loaded(
        case=_numbers(candidates["case_id"], pc.unique(candidates["case_id"])),
        cost=candidates["cost_cents"].to_numpy(),
        by_action=uses[np.lexsort((uses[:, 1], uses[:, 0]))],
        by_resource=uses[np.lexsort((uses[:, 0], uses[:, 1]))],
        limits=np.column_stack(limits),
        exclusions=np.column_stack(pairs),
    )


def load_seconds(folder: Path, times: int = 3) -> float:
    """Least seconds of so many loads."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        load(folder)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def _numbers(ids: pa.ChunkedArray, known: pa.ChunkedArray | pa.Array) -> Ints:
    return np.asarray(pc.index_in(ids, value_set=known).to_numpy(), np.int64)


def main(folder: str, times: str = "3") -> None:
    """Print the seconds."""
    print(f"load: {load_seconds(Path(folder), int(times)):.3f} s (least of {times})")


if __name__ == "__main__":
    main(*sys.argv[1:])
