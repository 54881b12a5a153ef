"""Pictures of ``docs/simulator.md``: ``python -m benchmarks.simulator_pictures FOLDER docs/simulator``.

Data are simulated into FOLDER; all but the map and the effect of lead time are read from the tables written there.
"""

import sys
from pathlib import Path

import duckdb
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure

from benchmarks.freight_facts import written
from simulator.network.clock import DAY
from simulator.network.metros import LAT, LON
from simulator.network.params import MarketKind, SimulationParams
from simulator.network.weather import CELL_LAT, CELL_LON, COLUMNS, ROWS, SOUTH, WEST
from simulator.network.world import World, make_world
from simulator.whatif.actions import Actions, release_earlier
from simulator.whatif.answer import answers
from simulator.whatif.history import joined, lived_through

SEED, SHIPMENTS, DPI = 20281, 60_000, 80
COLOURS = {MarketKind.SOFT: "tab:green", MarketKind.TURNING: "tab:blue", MarketKind.TIGHT: "tab:red"}
WEEKS = "SELECT date_trunc('week', offered_at) AS week, 100 * avg(refused::INT) FROM first GROUP BY week ORDER BY week"
DEPTHS = "SELECT depth, 100 * avg(accepted::INT) FROM offers WHERE contract AND depth < 7 GROUP BY depth ORDER BY depth"
LEADS = """
SELECT avg(lead_h) / 24, 100 * avg(accepted::INT) FROM (
    SELECT lead_h, accepted, ntile(12) OVER (ORDER BY lead_h, shipment_id) AS part FROM first
) GROUP BY part ORDER BY 1
"""
DWELL = "SELECT dwell_h FROM stops WHERE stop = '{}' AND dwell_h BETWEEN 0 AND 9"
SOURCES = ((1, 78), (3, 50), (4, 50), (5, 40))
"""Acceptance by depth, % (Caldwell & Fisher)."""
EARLIER_H = (0.0, 6.0, 12.0, 24.0, 48.0)
STORM_DAYS = (0, 2, 4)
MOST_LANES = 150
QUARTERS_H = [quarter / 4 for quarter in range(37)]


def main(folder: Path, out: Path) -> None:
    """Draw them all."""
    out.mkdir(parents=True, exist_ok=True)
    data = {market: written(folder, market, SEED, SHIPMENTS) for market in MarketKind}
    turning = data[MarketKind.TURNING]
    pictures = {
        "rejection": rejection(data),
        "depth": by_depth(data),
        "map": storm_front(make_world(params(MarketKind.TURNING))),
        "lead-time": both_signs(turning),
        "dwell": dwell(turning),
    }
    for name, figure in pictures.items():
        figure.savefig(out / f"{name}.png", dpi=DPI, metadata={"Software": None})


def params(market: MarketKind, shipments: int = SHIPMENTS) -> SimulationParams:
    """What is simulated."""
    return SimulationParams(shipments, 365, SEED, market, truth_sample=0)


def columns(data: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[float, ...]]:
    """The answer by column."""
    return list(zip(*data.execute(sql).fetchall(), strict=True))


def rejection(data: dict[MarketKind, duckdb.DuckDBPyConnection]) -> Figure:
    """Rejected first tenders by week, in the three markets."""
    figure, axes = one_panel("Rejected first tenders (simulated)", "", "% of the week's")
    for market, tables in data.items():
        week, share = columns(tables, WEEKS)
        axes.plot(week[1:-1], share[1:-1], color=COLOURS[market], label=str(market))
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(DateFormatter("%b"))  # type: ignore[no-untyped-call]  # matplotlib has no types there
    axes.legend()
    return figure


def by_depth(data: dict[MarketKind, duckdb.DuckDBPyConnection]) -> Figure:
    """Acceptance down the routing guide."""
    figure, axes = one_panel("Acceptance down the routing guide (simulated)", "contract tenders so far", "% accepted")
    for market, tables in data.items():
        depth, share = columns(tables, DEPTHS)
        axes.plot(depth, share, "o-", color=COLOURS[market], label=str(market))
    asked, said = (list(values) for values in zip(*SOURCES, strict=True))
    spread = [0.15 * share for share in said]
    axes.errorbar(asked, said, yerr=spread, fmt="ks", capsize=4, label="Caldwell & Fisher ± 15 %", zorder=3)
    axes.set_ylim(0, 100)
    axes.legend()
    return figure


def storm_front(world: World) -> Figure:
    """The busiest lanes, and a front on its way east."""
    figure = Figure(figsize=(10, 3.0), layout="constrained")
    panels = figure.subplots(1, len(STORM_DAYS))
    strength = world.weather.storm(np.arange(330)[:, None], np.arange(ROWS * COLUMNS)[None, :])
    inland = strength.reshape(330, ROWS, COLUMNS)[:, 1, 3:6].sum(axis=1)
    day = int(inland.argmax())
    for axes, later in zip(panels, STORM_DAYS, strict=True):
        front = strength[day + later].reshape(ROWS, COLUMNS)
        extent = (WEST, WEST + COLUMNS * CELL_LON, SOUTH, SOUTH + ROWS * CELL_LAT)
        axes.imshow(front, origin="lower", extent=extent, cmap="Blues", vmin=0, vmax=2, aspect="auto")
        lanes(axes, world)
        axes.set_title(f"{world.clock.dates[day + later]:%d %b}", fontsize=10)
    figure.suptitle("Storms over the busiest lanes, two days apart (simulated)", fontsize=11)
    return figure


def lanes(axes: Axes, world: World) -> None:
    """Centres, and lines to where most of their freight goes."""
    busiest = np.argsort(-world.lanes.a_day)[:MOST_LANES]
    origin = world.centres.metro[world.lanes.centre[busiest]]
    to = world.customers.metro[world.lanes.customer[busiest]]
    axes.plot([LON[origin], LON[to]], [LAT[origin], LAT[to]], color="0.3", linewidth=0.4, alpha=0.6)
    axes.plot(LON[world.centres.metro], LAT[world.centres.metro], "o", color="tab:orange", markersize=5)
    axes.set(xlim=(-126, -66), ylim=(24, 50), xticks=[], yticks=[])


def both_signs(data: duckdb.DuckDBPyConnection) -> Figure:
    """What the record shows beside what lead time does."""
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    raw, effect = figure.subplots(1, 2)
    raw.plot(*columns(data, LEADS), "o-", color="tab:purple")
    raw.set(
        title="on record: loads with more lead time", xlabel="lead time, days", ylabel="% of first tenders accepted"
    )
    effect.plot(EARLIER_H, released_earlier(), "o-", color="tab:orange")
    effect.set(title="the effect: the same loads released earlier", xlabel="hours earlier")
    for axes in (raw, effect):
        axes.grid(alpha=0.3)
    figure.suptitle("Lead time and acceptance (simulated)", fontsize=11)
    return figure


def released_earlier() -> list[float]:
    """Acceptance of first tenders, %, had each load been released so much earlier."""
    history = lived_through(params(MarketKind.TURNING, 20_000))
    ended = joined(history.finished)
    loads = ended[np.flatnonzero((ended.released_at > 3 * DAY) & ~ended.spot_only)]
    asked = (Actions.of([release_earlier(hours)] * len(loads)) for hours in EARLIER_H)
    return [100 * float(answers(history, loads.key, actions).first_accepted.mean()) for actions in asked]


def dwell(data: duckdb.DuckDBPyConnection) -> Figure:
    """Time at docks; two hours are free."""
    figure, axes = one_panel("Hours at the dock from the appointment on (simulated)", "hours", "share of stops")
    for stop, colour in (("pickup", "tab:blue"), ("delivery", "tab:orange")):
        (hours,) = columns(data, DWELL.format(stop))
        weights = np.full(len(hours), 1 / len(hours))
        axes.hist(hours, bins=QUARTERS_H, weights=weights, histtype="step", color=colour, label=stop)
    axes.axvline(2, color="0.4", linestyle="--", label="detention from here")
    axes.legend()
    return figure


def one_panel(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    """An empty picture."""
    figure = Figure(figsize=(6.2, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11)
    axes.set(xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
