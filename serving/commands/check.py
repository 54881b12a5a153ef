"""``lanewise check``: contracts on canonical tables and on what the models learn from."""

from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import BadTable
from domain.predictions import ModelName
from serving.commands.opening import settings_of
from serving.commands.options import Data, Home, Html, Json
from serving.commands.report import Report, writable
from store.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from training.frame_report import FrameReport


def check(
    data: Data,
    features: Annotated[
        bool,
        typer.Option("--features", help="Check the feature frame of every model that can be trained, too."),
    ] = False,
    html: Html = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Check the tables in DIR against their contracts and their files against their hashes."""
    assert home is not None
    from store.check import check_dataset

    report = Report(json_file)
    page = writable(html) if html else None
    found = check_dataset(data)
    frames, skipped = _frames(data, home) if features and found.sound else ({}, {})
    if page:
        sections = (one.section(f"Features of {name}") for name, one in frames.items())
        write_atomically(page, found.as_html(sections).encode())
    lines = [found.summary(), *(line for name, one in frames.items() for line in _lines(name, one))]
    lines += [f"features of {name}: none to check: {reason}" for name, reason in skipped.items()]
    told = {"features": {str(name): one.as_json() for name, one in frames.items()}, "skipped": skipped}
    report.show("\n".join(lines), {**found.as_json(), **(told if features else {})})
    if not found.sound:
        bad = ", ".join(table.table for table in found.tables if not table.sound)
        raise BadTable(f"{data} is not sound ({bad}); import it again")


def _frames(data: "Path", home: "Path") -> tuple[dict[ModelName, "FrameReport"], dict[ModelName, str]]:
    from store.dataset import open_dataset
    from training.fitting import check_frames

    return check_frames(open_dataset(data), settings_of(home).training)


def _lines(name: ModelName, one: "FrameReport") -> list[str]:
    head = f"features of {name}: {one.rows:,} rows to learn from, {one.rows_later:,} later ones, {len(one.rules)} rules"
    return [head, *(f"  {line}" for line in one.lines())]
