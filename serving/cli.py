"""The command line ``lanewise``: registers the commands; what goes wrong becomes one message and an exit code."""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import LanewiseError
from serving.commands import features, policy
from serving.commands.check import check
from serving.commands.drift import drift
from serving.commands.evaluate import compare, evaluate
from serving.commands.explain import explain
from serving.commands.import_source import import_source
from serving.commands.interrupts import CODE as INTERRUPTED
from serving.commands.interrupts import Interrupts
from serving.commands.models import models, promote, rollback
from serving.commands.plan import plan
from serving.commands.predict import predict
from serving.commands.quiet import DEBUG, quieten_libraries
from serving.commands.recalibrate import recalibrate
from serving.commands.serve import serve
from serving.commands.settings import settings
from serving.commands.simulate import simulate
from serving.commands.solve import solve
from serving.commands.train import train
from serving.commands.waterfall import waterfall
from serving.commands.what_if import what_if
from store.telemetry import switch_off_telemetry
from store.threads import wait_quietly

app = typer.Typer(
    name="lanewise",
    help="Decision support for freight dispatch.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("import")(import_source)
for command in (
    simulate,
    check,
    train,
    evaluate,
    compare,
    predict,
    models,
    promote,
    rollback,
    recalibrate,
    drift,
    plan,
    explain,
    what_if,
    waterfall,
    solve,
    serve,
    settings,
):
    app.command(command.__name__.replace("_", "-"))(command)
app.add_typer(policy.app, name="policy")
app.add_typer(features.app, name="features")


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from store.code_version import code_version

        typer.echo(f"lanewise {code_version()}")
        raise typer.Exit


@app.callback()
def lanewise(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", envvar="LANEWISE_HOME", help="Folder with mlruns/ and var/."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Decision support for freight dispatch: scores what is about to go wrong, proposes governed actions."""
    context.obj = home


def main() -> None:
    """Run the command line: the only place that touches the process's environment, logging and signals."""
    switch_off_telemetry(os.environ)
    wait_quietly(os.environ)
    quieten_libraries(os.environ)
    interrupts = Interrupts()
    interrupts.watch(tell_interrupted)
    sys.exit(run(sys.argv[1:], os.environ, interrupts))


def run(arguments: Sequence[str], environ: Mapping[str, str], interrupts: Interrupts) -> int:
    """Run one command; errors of the domain are translated here, once.

    Returns
    -------
    int
        0 done, 1 refused or failed, 2 wrong usage, 130 interrupted.
    """
    try:
        app(list(arguments), prog_name="lanewise")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except LanewiseError as error:
        code = _failed(str(error))
    except Exception as error:
        code = 1 if interrupts.came else _failed(_unexpected(error, environ))
    except KeyboardInterrupt:
        code = INTERRUPTED
    if not interrupts.came:
        return code
    tell_interrupted()
    return INTERRUPTED


def tell_interrupted() -> None:
    """Say what Ctrl-C did."""
    typer.echo("interrupted; what was there before is untouched", err=True)


def _failed(message: str) -> int:
    typer.echo(f"lanewise: {message}", err=True)
    return 1


def _unexpected(error: Exception, environ: Mapping[str, str]) -> str:
    """A line about an error that no rule foresaw; the traceback only for those who ask."""
    if environ.get(DEBUG):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    first = (str(error).splitlines() or [""])[0]
    return f"unexpected {type(error).__name__}: {first} (a defect of lanewise; {DEBUG}=1 shows where)"


if __name__ == "__main__":
    main()
