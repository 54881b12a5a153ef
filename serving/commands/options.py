"""Arguments and options that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import LanewiseError
from domain.moment import parse_moment
from domain.predictions import ModelName


def moment(text: str) -> datetime:
    """A TIME of the command line; a wrong one is wrong usage."""
    try:
        return parse_moment(text)
    except LanewiseError as error:
        raise typer.BadParameter(str(error)) from None


def model_name(text: str) -> ModelName:
    """A model of the command line; another name is wrong usage."""
    try:
        return ModelName(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no model; the models are {', '.join(ModelName)}") from None


def settled_home(context: typer.Context, home: Path | None) -> Path:
    """A command's own ``--home``, else the one given before the command, else the current folder."""
    chosen: Path = home or context.find_root().obj or Path()
    return chosen


Data = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of canonical tables, as `lanewise import` makes it.")]
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        callback=settled_home,
        help="Folder with mlruns/ and var/; by default LANEWISE_HOME, else the current folder.",
        show_default=False,
    ),
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Figures as JSON; - for standard output.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="The same as a page.")]
MODELS = f"[{'|'.join(ModelName)}]"
Model = Annotated[ModelName, typer.Option("--model", metavar=MODELS, parser=model_name, help="Which model.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="A version instead of the champion.")]
Begin = Annotated[
    datetime | None,
    typer.Option("--from", metavar="TIME", parser=moment, help="Subjects from this moment on (ISO 8601, UTC)."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar="TIME", parser=moment, help="Subjects before this moment."),
]
