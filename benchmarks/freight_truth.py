"""What only a simulated network can tell: effects apart from associations, the ideal forecaster, policies compared."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.freight_claims import around
from benchmarks.freight_tables import freight_tables
from simulator.network.clock import DAY, HOUR
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import TRUTH, simulate
from simulator.whatif.actions import DO_NOTHING, Actions, release_earlier
from simulator.whatif.answer import answers
from simulator.whatif.comparison import compare_policies
from simulator.whatif.history import History, joined, lived_through
from simulator.whatif.lead_effect import lead_time_both_ways

SEED = 20263
SHORT_H, LONGER_H = 48.0, 36.0
WORTH = around(15.0)
RAW = "SELECT regr_slope(accepted::INT, ln(lead_h)), corr(accepted::INT, ln(lead_h)) FROM first"
WITHIN_LANES = """
SELECT regr_slope(y, x) FROM (
    SELECT accepted::INT - avg(accepted::INT) OVER lane AS y, ln(lead_h) - avg(ln(lead_h)) OVER lane AS x
    FROM first WINDOW lane AS (PARTITION BY lane)
)
"""


def lead_time(folder: Path) -> Iterator[str]:
    """Lead time and acceptance: the record says one thing, the effect is another."""
    params = SimulationParams(30_000, 365, SEED, MarketKind.TURNING, truth_sample=0)
    data = freight_tables(simulate(params, folder / "lead").dataset.folder)
    ((raw, correlation),) = data.execute(RAW).fetchall()
    ((within,),) = data.execute(WITHIN_LANES).fetchall()
    history = lived_through(params)
    effect = lead_time_both_ways(history, 24.0).effect
    worth = saved_by_lead_time(history)
    yield f"### Lead time, simulated: {params.shipments:,} shipments, turning market, seed {SEED}\n"
    yield f"- raw: acceptance of first tenders on ln lead time, slope {raw:+.3f} (correlation {correlation:+.3f})"
    yield f"- raw, within lanes: slope {within:+.3f} (hard loads are put off)"
    yield f"- effect of 24 h more lead time on the same loads: {effect}"
    verdict = "both signs" if raw < 0 < effect.low else "NOT both signs"
    yield f"- {verdict}: longer lead time goes with fewer acceptances and causes more"
    inside = "in" if WORTH[0] <= worth <= WORTH[1] else "OUT"
    yield f"- worth of {LONGER_H:.0f} h more to loads with less than {SHORT_H / 24:.0f} days: ${worth:.1f} a load"
    yield f"  (C.H. Robinson: about $15, band ${WORTH[0]:.1f} to ${WORTH[1]:.1f}: {inside})"


def saved_by_lead_time(history: History) -> float:
    """Freight and premium that a longer lead time saves a load whose lead time was short."""
    ended = joined(history.finished)
    short = (ended.pickup_at - ended.released_at < SHORT_H * HOUR) & (ended.released_at > LONGER_H * HOUR + DAY)
    loads = ended[np.flatnonzero(short & ~ended.spot_only)]
    done = [
        answers(history, loads.key, Actions.of([action] * len(loads)))
        for action in (DO_NOTHING, release_earlier(LONGER_H))
    ]
    paid = [one.costs.freight + one.costs.premium for one in done]
    return float(np.nanmean(paid[0] - paid[1]))


def ideal_forecaster(folder: Path) -> Iterator[str]:
    """AUC and log loss that no model can beat but by luck, by prediction and stage."""
    params = SimulationParams(40_000, 365, SEED + 1, MarketKind.TURNING, truth_sample=4_000)
    made = simulate(params, folder / "truth")
    scores = json.loads((made.dataset.folder / TRUTH / "scores.json").read_text(encoding="utf-8"))
    yield f"### The ideal forecaster, simulated: {params.truth_sample:,} subjects, seed {params.seed}\n"
    yield "| prediction | stage | subjects | share | AUC ideal | AUC, hidden known | log loss ideal | hidden known |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in scores:
        aucs = f"{one['auc_ideal']:.3f} | {one['auc_latent']:.3f}"
        losses = f"{one['log_loss_ideal']:.4f} | {one['log_loss_latent']:.4f}"
        yield f"| {one['model']} | {one['stage']} | {one['subjects']:,} | {one['share']:.3f} | {aucs} | {losses} |"


def policies(folder: Path) -> Iterator[str]:
    """The closed loop under each policy on the same loads."""
    params = SimulationParams(30_000, 180, SEED + 2, MarketKind.TIGHT, truth_sample=0)
    compared = compare_policies(params, days=28, seeds=(SEED + 2, SEED + 3))
    yield f"### Policies, simulated: {params.shipments:,} shipments in {params.days} days, {params.market} market\n"
    yield f"```text\n{compared.table()}\n```"
