"""``lanewise import``: a folder of SQL into canonical tables."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from serving.commands.opening import settings_of
from serving.commands.options import Home, Json
from serving.commands.report import Report, progress


def import_source(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder of a manifest.toml and <table>.sql files.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the data set; replaced as a whole.")],
    folder: Annotated[
        list[str] | None,
        typer.Option("--folder", metavar="NAME=PATH", help="Where a folder lies that the manifest declares."),
    ] = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Run the SQL in SOURCE into canonical tables; rows that break a contract go to quarantine."""
    from store.importer import import_source as import_into
    from store.lock import home_lock

    assert home is not None
    folders = dict(map(_folder, folder or []))
    report = Report(json_file)
    progress(f"importing {source}")
    inside = out.resolve().is_relative_to((home / "var").resolve())
    with home_lock(home) if inside else nullcontext():
        done = import_into(source, out, settings_of(home).imports, folders)
    report.show(done.summary(), done.as_json())


def _folder(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise typer.BadParameter(f"expected NAME=PATH, but got {text!r}", param_hint="--folder")
    return name, Path(path)
