"""``lanewise serve``: API and pages over a data set, in the foreground."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import NotThere
from serving.commands.opening import settings_of
from serving.commands.options import Home


def serve(
    data: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of canonical tables; by default `data` in settings.")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="By default serve.host.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="By default serve.port (3000).")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="By default serve.workers.")] = None,
    home: Home = None,
) -> None:
    """Serve predictions and plans over DIR until Ctrl-C."""
    assert home is not None
    settings = settings_of(home)
    folder = home / settings.data if data is None else data
    said: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    params = replace(settings.serve, **{name: value for name, value in said.items() if value is not None})
    _check_trained(home, folder)
    from serving.run_service import run_service

    typer.echo(f"serving {folder} on http://{params.host}:{params.port} (Ctrl-C stops)")
    run_service(home, folder, params)


def _check_trained(home: Path, data: Path) -> None:
    """A service without a model could answer nothing."""
    from store.current import in_service
    from store.description import read_description

    name = read_description(data).manifest.name
    if not any(model.startswith(f"{name}.") for model in in_service(home)):
        raise NotThere(f"no model of {name} is in service in {home.resolve()}; run `lanewise train {data}` first")
