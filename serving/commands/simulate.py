"""``lanewise simulate``: a freight network's history, and its truth beside it."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from serving.commands.options import Home, Json
from serving.commands.report import Report, progress

MARKETS = ("soft", "tight", "turning")


def market_kind(text: str) -> str:
    """A market of the command line; another word is wrong usage."""
    if text not in MARKETS:
        raise typer.BadParameter(f"{text!r} is no market; the markets are {', '.join(MARKETS)}")
    return text


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the data set; replaced as a whole.")],
    shipments: Annotated[int, typer.Option("--shipments", metavar="N", help="Shipments to expect.")] = 60_000,
    days: Annotated[int, typer.Option("--days", metavar="D", help="Days of history.")] = 365,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same bytes.")] = 1,
    market: Annotated[
        str,
        typer.Option("--market", metavar=f"[{'|'.join(MARKETS)}]", parser=market_kind, help="How tight trucks are."),
    ] = "turning",
    truth_sample: Annotated[
        int, typer.Option("--truth-sample", metavar="N", help="Subjects whose true probabilities are worked out.")
    ] = 20_000,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the data set.")] = "network",
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Simulate a freight network's history into canonical tables; what is true of it goes to DIR/truth."""
    from simulator.network.params import MarketKind, SimulationParams
    from simulator.simulate import simulate as simulate_into
    from store.lock import home_lock

    assert home is not None
    params = SimulationParams(shipments, days, seed, MarketKind(market), truth_sample)
    report = Report(json_file)
    inside = out.resolve().is_relative_to((home / "var").resolve())
    with home_lock(home) if inside else nullcontext():
        done = simulate_into(params, out, name, progress)
    report.show(done.summary(), done.as_json())
