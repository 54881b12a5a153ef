"""Arguments and options that several commands share."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from domain.errors import LanewiseError
from domain.moment import parse_moment
from domain.predictions import ModelName

VERSION = re.compile(r"[1-9][0-9]*(\+[0-9a-f]{8,64})?")
LOCAL = "local:"
MOST_LOCAL = 256
"""Worker processes on this machine; more is a slip of the pen."""


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


def version_name(text: str) -> str:
    """A version of the command line, or a sub-version; what is neither is wrong usage."""
    if not VERSION.fullmatch(text):
        raise typer.BadParameter(
            f"{text!r}; expected a version such as 3, which is the model as it was trained, or a sub-version such as "
            "3+1a2b3c4d, as `lanewise models` lists them"
        )
    return text


def registered_version(text: str) -> str:
    """A version as it was registered; a sub-version or what is neither is wrong usage."""
    version, plus, _ = version_name(text).partition("+")
    if plus:
        raise typer.BadParameter(
            f"{text!r} is an update of version {version}; an update goes into service by `lanewise recalibrate`, "
            f"what is compared and promoted is the version: {version}"
        )
    return version


def cluster_place(text: str) -> str:
    """A cluster of the command line; what is neither an address nor ``local:N`` is wrong usage."""
    if not (_is_local(text) if text.startswith(LOCAL) else _is_address(text)):
        raise typer.BadParameter(
            f"{text!r}; expected the address of a Dask scheduler, such as tcp://HOST:8786, or {LOCAL}N for N worker "
            f"processes on this machine (1 to {MOST_LOCAL})"
        )
    return text


def _is_local(text: str) -> bool:
    number = text.removeprefix(LOCAL)
    return number.isascii() and number.isdigit() and 1 <= int(number) <= MOST_LOCAL


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text if "://" in text else f"tcp://{text}")
        return parts.scheme in ("tcp", "tls") and bool(parts.hostname and parts.port) and not parts.path
    except ValueError:
        return False


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
Version = Annotated[
    str | None,
    typer.Option(
        "--version",
        metavar="VERSION",
        parser=version_name,
        help="A version instead of the champion: 3 as it was trained, 3+1a2b3c4d with that update.",
    ),
]
Begin = Annotated[
    datetime | None,
    typer.Option("--from", metavar="TIME", parser=moment, help="Subjects from this moment on (ISO 8601, UTC)."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar="TIME", parser=moment, help="Subjects before this moment."),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS|local:N",
        parser=cluster_place,
        help="Scan history, then learn or score, on the Dask cluster at ADDRESS or in N processes on this machine.",
    ),
]
