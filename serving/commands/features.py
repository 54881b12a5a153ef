"""``lanewise features``: the catalogue."""

from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any

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
    """List every feature by family: name, unit, meaning. A * stands for what follows from the data."""
    report, found = Report(json_file), _catalogue()
    rows = [
        ["" if k else family, one.name, one.unit, one.meaning]
        for family, lines in found.items()
        for k, one in enumerate(lines)
    ]
    report.show(aligned(("family", "name", "unit", "meaning"), rows), _figures(found))


@app.command("describe")
def describe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A feature's name, or a pattern with *.")],
    json_file: Json = None,
) -> None:
    """Describe a feature: unit, meaning, the columns it is made from, whose history it is and how fast that fades."""
    report, known = Report(json_file), _catalogue()
    found = {family: [one for one in lines if _fits(name, one)] for family, lines in known.items()}
    if not any(found.values()):
        count = sum(map(len, known.values()))
        raise NotThere(f"there is no feature {name!r}; `lanewise features list` shows all {count}")
    told = [_told(family, one) for family, lines in found.items() for one in lines]
    report.show("\n\n".join(told), _figures(found))


def _catalogue() -> dict[str, list["Description"]]:
    from training.families import catalogue_by_family

    return catalogue_by_family()


def _fits(name: str, one: "Description") -> bool:
    return fnmatchcase(name, one.name) or fnmatchcase(one.name, name)


def _figures(found: dict[str, list["Description"]]) -> dict[str, list[dict[str, Any]]]:
    return {"features": [{"family": family, **asdict(one)} for family, lines in found.items() for one in lines]}


def _told(family: str, one: "Description") -> str:
    told = [f"family: {family}", f"unit: {one.unit}", one.meaning, f"made from: {', '.join(one.inputs)}"]
    if one.half_life_days is not None or one.entity:
        told.append(f"entity: {' × '.join(one.entity) or 'the whole network'}")
    if one.half_life_days is not None:
        told.append(f"half-life: {one.half_life_days:g} d")
    return "\n  ".join([one.name, *told])
