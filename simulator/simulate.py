"""Writes a network's history as a data set, month by month while it comes about, and its truth beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.manifest import Costs, Manifest, SeverityScale
from domain.moment import format_moment
from simulator.flow.engine import Day, Network
from simulator.flow.loads import Loads
from simulator.flow.promises import LATE_AFTER_MIN
from simulator.flow.tendering import Offers
from simulator.flow.trouble import Troubles, of_loads, of_offers
from simulator.network.params import SimulationParams
from simulator.network.world import World, make_world
from simulator.record.labels import Labels, labels_of
from simulator.record.outlook import capacity, signals
from simulator.record.reference import carriers, fleet, rates, sites
from simulator.record.rows import Recorder
from simulator.truth.folder import write_truth
from simulator.truth.past import Witness
from store.dataset import Dataset
from store.streaming import DatasetStream, dataset_stream

TRUTH = "truth"
THRESHOLDS = (150.0, 400.0, 1_000.0)
COSTS = Costs(
    handling_per_min=0.7, late_per_min=0.8, per_impact_unit=1.0, notify=1.0, expedite_share=0.35, escalate_min=12.0
)

Teller = Callable[[str], None]


@dataclass(frozen=True)
class Simulated:
    """What a run made."""

    params: SimulationParams
    dataset: Dataset

    def summary(self) -> str:
        """The run in lines of text."""
        manifest, rows = self.dataset.manifest, self._rows()
        head = f"{manifest.title}: {self.params.market} market, known until {rows['cut_off']}"
        lines = [f"{table}: {count:,} rows" for table, count in rows["tables"].items()]
        return "\n".join([head, *lines, f"truth in {self.dataset.folder / TRUTH}"])

    def as_json(self) -> dict[str, Any]:
        """The run as figures."""
        return {
            "name": self.dataset.manifest.name,
            "simulated": True,
            "seed": self.params.seed,
            "market": str(self.params.market),
            "days": self.params.days,
            "fingerprint": self.dataset.fingerprint,
            **self._rows(),
        }

    def _rows(self) -> dict[str, Any]:
        tables = self.dataset.description.tables
        cut_off = self.dataset.manifest.cut_off
        assert cut_off is not None
        return {"cut_off": format_moment(cut_off), "tables": {name: table.rows for name, table in tables.items()}}


def simulate(
    params: SimulationParams, folder: Path, name: str = "network", tell: Teller = lambda text: None
) -> Simulated:
    """Simulate a network and write what its systems recorded.

    Parameters
    ----------
    params
        Size and nature of the network.
    folder
        Where to; replaced as a whole.
    name
        Of the data set.
    tell
        Called with a line now and then, to show progress.

    Raises
    ------
    BadManifest
        If the name is none for a data set.
    HomeLocked
        If another process is writing there.
    """
    manifest = manifest_of(params, name)
    world = make_world(params)
    labels = labels_of(world)
    with dataset_stream(folder, manifest) as stream:
        for table, rows in reference(world, labels).items():
            stream.reference(table, rows)
        witness = Witness(world, params.truth_sample) if params.truth_sample else None
        _live(stream, world, labels, witness, tell)
        if witness:
            tell("working out true probabilities")
        write_truth(stream.extra(TRUTH), world, labels, witness.past() if witness else None, THRESHOLDS)
    return Simulated(params, stream.dataset)


def manifest_of(params: SimulationParams, name: str) -> Manifest:
    """What the data set says about itself."""
    start = datetime(params.start.year, params.start.month, params.start.day, tzinfo=UTC)
    return Manifest(
        name=name,
        currency="USD",
        timezone="UTC",
        country="US",
        cut_off=start + timedelta(days=params.days),
        late_after_min=LATE_AFTER_MIN,
        severity=SeverityScale("money", THRESHOLDS),
        costs=COSTS,
        simulated=True,
    )


def reference(world: World, labels: Labels) -> dict[str, Any]:
    """Tables that are written at once."""
    makers = {"sites": sites, "carriers": carriers, "rates": rates, "fleet": fleet}
    return {name: make(world, labels) for name, make in makers.items()}


def _live(stream: DatasetStream, world: World, labels: Labels, witness: Witness | None, tell: Teller) -> None:
    """Day by day; a month is written with the first day of the next, whose trucks may arrive before midnight."""
    network, recorder, lived = Network(world), Recorder(world, labels), list[Day]()
    for index in range(world.clock.days):
        lived.append(network.next_day(index))
        if witness:
            witness.add(lived[-1])
        month = _label(world, index - 1)
        if index + 1 == world.clock.days or month != _label(world, index):
            _write_month(stream, world, recorder, labels, month, lived)
            tell(f"simulated until {world.clock.dates[index]}")
            lived = []


def _label(world: World, day: int) -> str:
    return world.clock.dates[max(0, day)].strftime("%Y-%m")


def _write_month(
    stream: DatasetStream, world: World, recorder: Recorder, labels: Labels, month: str, days: list[Day]
) -> None:
    first, last = days[0].day, days[-1].day + 1
    offers = Offers.joined([made.offers for day in days for made in day.rounds])
    finished = Loads.joined([day.finished for day in days])
    released = Loads.joined([day.released for day in days])
    taken = Loads.joined([made.taken for day in days for made in day.rounds])
    cancelled = Loads.joined([day.cancelled for day in days])
    troubles = Troubles.joined([of_offers(world, offers), *of_loads(world, finished)])
    for table, rows in (
        ("shipments", recorder.shipments(released, taken, finished)),
        ("tenders", recorder.tenders(offers)),
        ("milestones", recorder.milestones(finished, cancelled)),
        ("exceptions", recorder.exceptions(troubles)),
        ("signals", signals(world, labels, first, last)),
        ("capacity", capacity(world, labels, first, last)),
    ):
        stream.append(table, month, rows)
