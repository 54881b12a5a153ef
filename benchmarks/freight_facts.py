"""Is the simulated network like freight? Its figures beside the sources', measured in the tables that it writes.

``python -m benchmarks.freight_facts FOLDER`` simulates soft, tight and turning markets into FOLDER and prints Markdown.
Everything printed is simulated, with seeds other than those that the constants were tuned on (1 to 5).
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.freight_claims import CLAIMS, NOT_REPRODUCED, Claim
from benchmarks.freight_tables import freight_tables
from benchmarks.freight_truth import ideal_forecaster, lead_time, policies
from benchmarks.simulator_cost import cost, determinism
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import simulate

SEEDS = (20291, 20292)
SHIPMENTS, DAYS = 80_000, 365
HEADER = "| fact | market | simulated | each seed | sources | | source |\n|---|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Measured:
    """A claim, and its figure in each of some histories."""

    claim: Claim
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the histories."""
        return sum(self.values) / len(self.values)

    def as_row(self) -> str:
        """A row of the Markdown table."""
        claim, holds = self.claim, self.claim.holds(self.mean)
        each = ", ".join(shown(value, claim.shown) for value in self.values)
        band = f"{shown(claim.low, claim.shown)} to {shown(claim.high, claim.shown)}"
        name = f"**{claim.fact}**" if claim.required else claim.fact
        verdict = "in" if holds else "OUT"
        mean = shown(self.mean, claim.shown)
        return f"| {name} | {claim.market} | {mean} | {each} | {band} | {verdict} | {claim.source} |"


def shown(value: float, unit: str) -> str:
    """A figure as people read it."""
    return f"{100 * value:.1f} %" if unit == "%" else f"{value:.2f}{' ' if unit else ''}{unit.strip()}"


def measured(folder: Path, seeds: Sequence[int], shipments: int = SHIPMENTS) -> list[Measured]:
    """Simulate each market once a seed, and ask every claim's question of what was written."""
    worlds = [{market: written(folder, market, seed, shipments) for market in MarketKind} for seed in seeds]
    return [Measured(claim, tuple(answered(world[claim.market], claim) for world in worlds)) for claim in CLAIMS]


def written(folder: Path, market: MarketKind, seed: int, shipments: int) -> duckdb.DuckDBPyConnection:
    """Tables of a history simulated into a folder of its own."""
    params = SimulationParams(shipments, DAYS, seed, market, truth_sample=0)
    return freight_tables(simulate(params, folder / f"{market}-{seed}").dataset.folder)


def answered(data: duckdb.DuckDBPyConnection, claim: Claim) -> float:
    """The claim's figure in one history."""
    (row,) = data.execute(claim.sql).fetchall()
    return float(row[0])


def facts(folder: Path) -> Iterator[str]:
    """The table of facts, the count, and what is not reproduced."""
    found = measured(folder, SEEDS)
    holding = [one for one in found if one.claim.holds(one.mean)]
    yield f"### Facts, simulated: {SHIPMENTS:,} shipments a year, seeds {', '.join(map(str, SEEDS))}\n"
    yield HEADER
    yield from (one.as_row() for one in found)
    must = [one for one in found if one.claim.required]
    kept = sum(one in holding for one in must)
    yield f"\n{len(holding)} of {len(found)} figures within their band; in bold what must be: {kept} of {len(must)}."
    yield "Rejected: refused, conditional or counter-proposal; silence (expired) counts as not accepted only.\n"
    missed = [f"{one.claim.fact} ({one.claim.market}): see above" for one in found if one not in holding]
    yield "Not reproduced:\n"
    yield from (f"- {row}" for row in [*missed, *(f"{fact}: {why}" for fact, why in NOT_REPRODUCED)])


def main(folder: Path) -> None:
    """Print every section as soon as it is there."""
    for section in (facts, lead_time, determinism, cost, ideal_forecaster, policies):
        for line in section(folder):
            print(line, flush=True)
        print(flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
