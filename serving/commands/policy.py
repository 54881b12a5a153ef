"""``lanewise policy check``: is a policy valid."""

from pathlib import Path
from typing import Annotated

import typer

from serving.commands.options import Json
from serving.commands.report import Report

app = typer.Typer(help="Policies: what may happen without a person.", rich_markup_mode=None)


@app.callback()
def policy() -> None:
    """Policies: what may happen without a person."""


@app.command("check")
def check(file: Annotated[Path, typer.Argument(metavar="FILE")], json_file: Json = None) -> None:
    """Say whether FILE is a valid policy."""
    from governance.policy import load_policy

    report = Report(json_file)
    read = load_policy(file)
    counted = f"{_counted(len(read.rules), 'rule')}, {_counted(len(read.licences), 'licence')}"
    said = f"{file} is valid: {counted}, hash {read.hash}"
    report.show(said, {"rules": len(read.rules), "licences": len(read.licences), "hash": read.hash})


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
