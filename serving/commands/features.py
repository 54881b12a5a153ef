"""``lanewise features``: the catalogue."""

from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import NotThere
from serving.commands.options import Json
from serving.commands.report import Report, aligned

if TYPE_CHECKING:
    from features.family import Description

app = typer.Typer(help="The catalogue of features.", rich_markup_mode=None)


@app.callback()
def features() -> None:
    """The catalogue of features."""


@app.command("list")
def list_features(json_file: Json = None) -> None:
    """List every feature: name, unit, meaning. A * stands for what follows from the data."""
    report, found = Report(json_file), _catalogue()
    text = aligned(("name", "unit", "meaning"), [[one.name, one.unit, one.meaning] for one in found])
    report.show(text, {"features": [asdict(one) for one in found]})


@app.command("describe")
def describe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A feature's name, or a pattern with *.")],
    json_file: Json = None,
) -> None:
    """Describe a feature: unit, meaning, and the columns it is made from."""
    report, known = Report(json_file), _catalogue()
    found = [one for one in known if fnmatchcase(name, one.name) or fnmatchcase(one.name, name)]
    if not found:
        raise NotThere(f"there is no feature {name!r}; `lanewise features list` shows all {len(known)}")
    report.show("\n\n".join(map(_told, found)), {"features": [asdict(one) for one in found]})


def _catalogue() -> list["Description"]:
    from features.catalogue import FAMILIES

    return [description for family in FAMILIES for description in family.descriptions]


def _told(one: "Description") -> str:
    return f"{one.name}\n  unit: {one.unit}\n  {one.meaning}\n  made from: {', '.join(one.inputs)}"
