"""Drift alarms on courses of a simulated network: planted shifts found in time, false alarms, and what can be found.

``python -m benchmarks.drift FOLDER`` simulates in FOLDER, draws courses of outcomes from the ideal forecaster's
probabilities, runs ``lanewise drift`` once on a market that turns, and prints Markdown.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.drift_courses import Array, Course, Pool, course_of, laid_out, pool_of
from benchmarks.drift_oracle import Oracle
from domain.params import CostParams, DriftParams
from domain.predictions import ModelName
from simulator.network.market import TURNS_AT
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import simulate
from training.drift.decision import decision_at
from training.drift.watch import Evidence

SIZE = SimulationParams(60_000, 365, 20267, MarketKind.TURNING, truth_sample=8_000)
TURNED = SimulationParams(20_000, 365, 20268, MarketKind.TURNING, truth_sample=0)
PARAMS = DriftParams()
COURSES, REPEATED = 5, 20
CALM_DAYS, AFTER_DAYS = 60, 14
QUIET_DAYS, MONTH = 120, 30
IN_TIME = 3
"""Days within which an alarm is to be raised, that of the first affected outcome included."""
ETA, TENDER, SEVERITY = ModelName.ETA_RISK, ModelName.TENDER_FAILURE, ModelName.SEVERITY
Outcomes = NDArray[np.bool_]


@dataclass(frozen=True)
class Plant:
    """What goes wrong with a model after calm days: a shift of log-odds of some subjects, or outcomes turned round."""

    model: ModelName
    words: str
    shift: float = 0.0
    column: str | None = None
    value: str | None = None
    flipped: float = 0.0

    def outcomes(self, course: Course, random: np.random.Generator) -> Outcomes:
        """Outcomes of R repetitions, shape (R, n), wrong from :data:`CALM_DAYS` on."""
        wrong = (course.day >= CALM_DAYS) & self._hit(course.pool)[course.who]
        came = course.outcomes(random, REPEATED, np.where(wrong, self.shift, 0.0))
        return np.asarray(came ^ ((random.random(came.shape) < self.flipped) & wrong))

    def loses(self, pool: Pool) -> float:
        """Share of what is at stake that is lost by deciding after predictions that are so wrong."""
        hit = np.repeat(self._hit(pool), pool.count)
        said = expit(pool.margin)
        true = expit(pool.margin + self.shift * hit)
        true = np.where(hit, true * (1 - self.flipped) + (1 - true) * self.flipped, true)
        decision = decision_at(CostParams())
        lost = decision.regret(said, true, pool.failure).sum()
        return float(lost / decision.expected(said, pool.failure).sum())

    def oracle(self, pool: Pool) -> Oracle:
        """Whoever knows the plant; harmless is the least that any stage's stream of the plant's subjects tolerates."""
        value = None if self.column is None else self.value or pool.most(self.column)
        concerned = [one.column == self.column and one.value == value for one in pool.streams]
        side = pool.bounds.up if self.shift > 0 else pool.bounds.down
        return Oracle(pool, self._hit(pool), self.shift, float(np.sign(self.shift) * side[concerned].min()))

    def _hit(self, pool: Pool) -> Outcomes:
        if self.column is None:
            return np.ones(pool.begin.size, bool)
        return pool.is_(self.column, self.value or pool.most(self.column))


PLANTS = (
    Plant(TENDER, "the market turns at once: odds of a refusal × 3.3", 1.2),
    Plant(TENDER, "the market eases at once: odds of a refusal ÷ 3.3", -1.2),
    Plant(TENDER, "calibration off by 1.0 in truckload", 1.0, "mode", "truckload"),
    Plant(TENDER, "calibration off by 1.8 in intermodal, the smaller mode", 1.8, "mode", "intermodal"),
    Plant(TENDER, "the largest carrier refuses: odds × 20", 3.0, "carrier_id"),
    Plant(TENDER, "a quarter of the outcomes is turned round", flipped=0.25),
    Plant(ETA, "late rate jumps: odds × 4.5", 1.5),
    Plant(ETA, "calibration off by 1.8 in truckload", 1.8, "mode", "truckload"),
    Plant(ETA, "the largest carrier runs late: odds × 20", 3.0, "carrier_id"),
    Plant(ETA, "a quarter of the outcomes is turned round", flipped=0.25),
    Plant(SEVERITY, "odds of major or critical × 3.3", 1.2),
    Plant(SEVERITY, "a quarter of the outcomes is turned round", flipped=0.25),
)


@dataclass(frozen=True)
class Calm:
    """A course on which every probability is right, whatever else changes.

    ``swing`` is how far whole days differ in log-odds, ``late_by`` how many days longer bad outcomes take.
    """

    words: str
    volume: Callable[[int], float] = lambda day: 1.0
    weights: Callable[[Pool, int], Array] | None = None
    swing: float = 0.0
    late_by: int = 0

    def evidence(self, pool: Pool, random: np.random.Generator) -> Evidence:
        """Of R repetitions."""
        course = course_of(pool, random, QUIET_DAYS, self.volume, self.weights)
        if self.late_by:
            return _known_later(course, random, self.late_by)
        shift = self.swing * random.standard_normal((REPEATED, QUIET_DAYS))[:, course.day]
        return course.follow(course.outcomes(random, REPEATED, shift), PARAMS)


def _known_later(course: Course, random: np.random.Generator, days: int) -> Evidence:
    """What came true is known later; as that decides on which day it counts, each repetition is laid out anew.

    As in the product nothing is judged before what is slow can be known.
    """
    parts = []
    for came in course.outcomes(random, REPEATED):
        day = course.day + days * came
        kept = (day >= days) & (day < course.days)
        late = laid_out(course.pool, course.who[kept], day[kept], course.days)
        parts.append(late.follow(came[kept][None], PARAMS))
    levels = (np.concatenate([getattr(one, name) for one in parts]) for name in ("swing", "wealth", "statistic"))
    return Evidence(*levels, parts[0].threshold)


def doubled(day: int) -> float:
    """Twice as many from half of the days on."""
    return 2.0 if day >= QUIET_DAYS // 2 else 1.0


def other_carriers(pool: Pool, day: int) -> Array:
    """From half of the days on the largest carrier is drawn four times as often."""
    return np.where(pool.is_("carrier_id", pool.most("carrier_id")) & (day >= QUIET_DAYS // 2), 4.0, 1.0)


def season(pool: Pool, day: int) -> Array:
    """What is risky from the start on comes and goes with a season of 60 days, which the probabilities know."""
    margin = pool.margin[pool.begin]
    return np.asarray(np.exp(0.5 * np.sin(2 * np.pi * day / 60) * np.clip(margin - margin.mean(), -2, 2)))


CALMS = (
    Calm("as it is"),
    Calm("volumes double", doubled),
    Calm("the largest carrier moves four times as much", weights=other_carriers),
    Calm("a season that the probabilities know", weights=season),
    Calm("whole days differ by 0.2 log-odds", swing=0.2),
    Calm("volumes double, and bad outcomes are known two days later", doubled, late_by=2),
)


def found(evidence: Evidence) -> Array:
    """Days from the first affected outcome to an alarm raised after it, shape (R,); infinite where none was."""
    stands = evidence.overall >= evidence.threshold
    after = stands[:, CALM_DAYS:]
    raised = after.any(axis=1) & ~stands[:, CALM_DAYS - 1]
    return np.where(raised, after.argmax(axis=1) + 1.0, np.inf)


def false_alarms(evidence: Evidence) -> int:
    """Times that the threshold is reached from below, over all repetitions."""
    stands = evidence.overall >= evidence.threshold
    return int(stands[:, 0].sum() + (stands[:, 1:] & ~stands[:, :-1]).sum())


def planted(pools: dict[ModelName, Pool]) -> Iterator[str]:
    """A row for each planted shift."""
    head = f"outcomes a day | repetitions | found within {IN_TIME} days | target | median days"
    yield f"| model | planted | loses, of what is at stake | {head} | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    found_of_all = []
    for seed, plant in enumerate(PLANTS):
        random, pool, days, many = np.random.default_rng(seed), pools[plant.model], [], []
        for _ in range(COURSES):
            course = course_of(pool, random, CALM_DAYS + AFTER_DAYS)
            days.append(found(course.follow(plant.outcomes(course, random), PARAMS)))
            many.append(course.who.size / course.days)
        taken = np.concatenate(days)
        found_of_all.append(taken)
        what = f"| {plant.model} | {plant.words} | {plant.loses(pool):.2%} | {np.mean(many):,.0f}"
        yield f"{what} | {_in_time(taken)}"
    yield f"| all models | all planted shifts | | | {_in_time(np.concatenate(found_of_all))}"


def _in_time(taken: Array) -> str:
    """Last cells of a row: of how many repetitions which share was found in time."""
    share = float((taken <= IN_TIME).mean())
    verdict = "reached" if share >= 0.9 else "missed"
    return f"{taken.size:,} | {share:.0%} | ≥ 90 % | {np.median(taken):.0f} | {verdict} |"


def undisturbed(pools: dict[ModelName, Pool]) -> Iterator[str]:
    """A row for each model and kind of calm."""
    yield "| model | undisturbed, and | months | alarms | a month | target | |"
    yield "|---|---|---|---|---|---|---|"
    for model, pool in pools.items():
        for seed, calm in enumerate(CALMS):
            random = np.random.default_rng(100 + seed)
            alarms = sum(false_alarms(calm.evidence(pool, random)) for _ in range(COURSES))
            months = COURSES * REPEATED * QUIET_DAYS / MONTH
            verdict = "reached" if alarms / months <= 1 else "missed"
            yield f"| {model} | {calm.words} | {months:,.0f} | {alarms} | {alarms / months:.3f} | ≤ 1 | {verdict} |"


def possible(pools: dict[ModelName, Pool]) -> Iterator[str]:
    """A row for each planted shift of log-odds: what is found by who knows it."""
    yield "| model | planted | harmless up to | found, at the proved threshold | at the exact one |"
    yield "|---|---|---|---|---|"
    for seed, plant in enumerate(PLANTS):
        if plant.flipped:
            continue
        oracle, random = plant.oracle(pools[plant.model]), np.random.default_rng(200 + seed)
        exact = min(oracle.exact(random, PARAMS.alarm_every_days), float(np.log(PARAMS.alarm_every_days)))
        shares = oracle.found(random, (float(np.log(PARAMS.alarm_every_days)), exact), IN_TIME)
        yield (
            f"| {plant.model} | {plant.words} | {oracle.harmless:+.2f} | {' | '.join(f'{one:.0%}' for one in shares)} |"
        )


COUNTS, SHIFTS = (30, 100, 300, 1_000), (0.3, 0.5, 0.7, 1.0, 1.5, 2.0)


def power(pool: Pool) -> Iterator[str]:
    """Share of shifts found in time, by outcomes a day and by size."""
    yield f"| outcomes a day | {' | '.join(f'{shift:g}' for shift in SHIFTS)} |"
    yield f"|---|{'---|' * len(SHIFTS)}"
    for count in COUNTS:
        random = np.random.default_rng(count)
        cells = [f"{_power(pool, random, count, shift):.0%}" for shift in SHIFTS]
        yield f"| {count:,} | {' | '.join(cells)} |"


def _power(pool: Pool, random: np.random.Generator, count: int, shift: float) -> float:
    day = np.repeat(np.arange(CALM_DAYS + IN_TIME), count)
    course = laid_out(pool, random.integers(0, pool.begin.size, day.size), day, CALM_DAYS + IN_TIME)
    came = course.outcomes(random, 5 * REPEATED, np.where(day >= CALM_DAYS, shift, 0.0))
    return float(np.isfinite(found(course.follow(came, PARAMS))).mean())


def end_to_end(folder: Path) -> Iterator[str]:
    """One run of the commands on a market that turns after training ended."""
    data, home = simulate(TURNED, folder / "turning").dataset.folder, folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    turns = np.datetime64("2024-01-01") + int(TURNS_AT * TURNED.days)
    _lanewise(home, "train", str(data), "--test-from", str(turns - 16), "--model", "tender_failure")
    _lanewise(home, "drift", str(data), "--json", str(folder / "drift.json"))
    (told,) = json.loads((folder / "drift.json").read_text())["models"]
    yield f"Trained until {turns - 16}; from {turns} on the market turns over three weeks.\n"
    yield "| alarm raised | began about | until | slice | predicted | observed | log-odds | cost a day |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in told["alarms"]:
        yield (
            f"| {one['since']} | {one['began']} | {one['until'] or 'stands'} | {one['slice']} | {one['predicted']:.3f} "
            f"| {one['observed']:.3f} | {one['shift']['value']:+.2f} "
            f"| {one['cost_per_day']['value']:,.2f} {told['currency']} |"
        )


def _lanewise(home: Path, *arguments: str) -> None:
    """Run the command line as a user does, quietly."""
    command = [str(Path(sys.executable).with_name("lanewise")), *arguments, "--home", str(home)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def tables(folder: Path) -> Iterator[str]:
    """Everything."""
    dataset = simulate(SIZE, folder / "network").dataset
    pools = {model: pool_of(dataset, model, PARAMS) for model in ModelName}
    yield "### Drift alarms, semi-synthetic: subjects of a simulated network, outcomes redrawn\n"
    yield (
        f"{SIZE.shipments:,} shipments a year, seed {SIZE.seed}; one false alarm in {PARAMS.alarm_every_days:g} days "
        f"or more by construction. Days count from that of the first affected outcome.\n"
    )
    yield from planted(pools)
    yield ""
    yield from undisturbed(pools)
    yield f"\nFound within {IN_TIME} days by who knows what is planted and bets on nothing else, as seldom wrong:\n"
    yield from possible(pools)
    yield f"\nShare of shifts of all tenders' log-odds found within {IN_TIME} days, by size:\n"
    yield from power(pools[TENDER])
    yield "\n### `lanewise drift` on a market that turns, simulated\n"
    yield from end_to_end(folder)


if __name__ == "__main__":
    for line in tables(Path(sys.argv[1])):
        print(line, flush=True)
