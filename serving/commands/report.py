"""What a command says: text for people, JSON for programs, progress on a terminal only."""

import json
import math
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import typer

from domain.errors import NotThere
from store.atomic import write_atomically

STANDARD_OUTPUT = Path("-")


class Report:
    """The answer of one command; made when it starts, so that what cannot be written is refused before any work.

    Parameters
    ----------
    json_file
        Where the figures go as JSON; ``-`` = standard output, instead of the text.
    """

    def __init__(self, json_file: Path | None) -> None:
        self._file = json_file if json_file in (None, STANDARD_OUTPUT) else writable(json_file)
        self._began = time.perf_counter()

    def show(self, text: str, figures: Mapping[str, Any]) -> None:
        """Print the text, or write the figures with the time taken."""
        if self._file != STANDARD_OUTPUT:
            typer.echo(text)
        if self._file is None:
            return
        document = {**figures, "timings": {"total_s": round(time.perf_counter() - self._began, 3)}}
        content = json_bytes(document)
        if self._file == STANDARD_OUTPUT:
            typer.echo(content.decode(), nl=False)
        else:
            write_atomically(self._file, content)


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """JSON with a figure that is not defined (NaN) as null."""
    return (json.dumps(_plain(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def writable(file: Path, home: Path | None = None) -> Path:
    """The file, if one can be written there; folders below a home's ``var`` are made.

    Raises
    ------
    NotThere
        If its folder does not exist or takes no files, or it is a folder itself.
    """
    if file.is_dir():
        raise NotThere(f"{file} is a folder; name a file to write")
    if home is not None and file.resolve().is_relative_to((home / "var").resolve()):
        file.parent.mkdir(parents=True, exist_ok=True)
    if file == STANDARD_OUTPUT:
        raise NotThere("- is for --json only; name a file to write")
    if not file.parent.is_dir():
        raise NotThere(f"there is no folder {file.parent} to write {file.name} into")
    try:
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}."):
            return file
    except OSError as error:
        raise NotThere(f"{file} cannot be written: {error.strerror}") from None


def progress(said: str) -> None:
    """Tell a person at a terminal what is going on; quiet in a pipe."""
    if sys.stderr.isatty():
        typer.echo(f"… {said}", err=True)


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table; columns that hold nothing are left out, those of numbers stand to the right."""
    lines = [list(head), *map(list, rows)]
    columns = [column for column in zip(*lines, strict=True) if any(column[1:])]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*map(_padded, columns), strict=True))


def _padded(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    number = all(cell.replace(",", "").replace(".", "").lstrip("+-").isdigit() for cell in column[1:] if cell)
    return [cell.rjust(width) if number else cell.ljust(width) for cell in column]
