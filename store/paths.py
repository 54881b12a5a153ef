"""Relative paths in a user's SQL start at the import folder, without changing the process's own folder.

DuckDB checks a path against the allowed folders before it searches, and a relative one against the
process's folder. So the names of files are found in DuckDB's own syntax tree and made absolute in place;
all else of the text stays as it is, and line numbers in messages stay right.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NO_LOCATION = 2**63
"""Locations above are DuckDB's "unknown"."""


def with_absolute_paths(sql: str, connection: Any, folders: tuple[Path, ...]) -> str:
    """The same query with relative names of files resolved against the first folder that holds them.

    Parameters
    ----------
    sql
        One SELECT that DuckDB can parse.
    connection
        A DuckDB connection, used to parse only.
    folders
        Where to look; the first is also where a file that is nowhere is reported missing.
    """
    tree = json.loads(connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0])
    text = sql.encode()
    for start, length in sorted(_literals(tree), reverse=True):
        literal = text[start : start + length] if length else _quoted_at(text, start)
        name = _unquoted(literal)
        if name is not None and _is_relative(name):
            path = str(_found(name, folders)).replace("'", "''")
            text = text[:start] + f"'{path}'".encode() + text[start + len(literal) :]
    return text.decode()


def _literals(node: Any) -> Iterator[tuple[int, int]]:
    """Where the tree names a file: (start, length in bytes); length 0 = up to the closing quote."""
    if isinstance(node, list):
        for item in node:
            yield from _literals(item)
    elif isinstance(node, dict):
        start = node.get("query_location", NO_LOCATION)
        if node.get("type") == "BASE_TABLE" and not node.get("schema_name") and start < NO_LOCATION:
            yield start, 0
        if node.get("type") == "TABLE_FUNCTION":
            yield from _path_arguments(node["function"])
        for item in node.values():
            yield from _literals(item)


def _path_arguments(function: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Text constants of the first argument, alone or in a list: that is where every reader takes its files."""
    first = [argument["expression"] for argument in function.get("arguments", [])[:1]]
    if first and first[0].get("function_name") == "list_value":
        first = [argument["expression"] for argument in first[0]["arguments"]]
    for expression in first:
        if expression.get("literal", {}).get("kind") == "STRING":
            yield expression["query_location"], expression["query_location_length"]


def _quoted_at(text: bytes, start: int) -> bytes:
    """The quoted name that starts there; nothing where the name is bare, for then it is no file."""
    quote = text[start : start + 1]
    if quote not in (b"'", b'"'):
        return b""
    end = start + 1
    while end < len(text):
        if text[end : end + 1] == quote:
            if text[end + 1 : end + 2] != quote:
                return text[start : end + 1]
            end += 1
        end += 1
    return b""


def _unquoted(literal: bytes) -> str | None:
    quote = literal[:1].decode(errors="replace")
    if len(literal) < 2 or quote not in ("'", '"') or literal[-1:] != literal[:1]:
        return None
    return literal[1:-1].decode().replace(quote * 2, quote)


def _is_relative(name: str) -> bool:
    """A file, by its looks: ``"orders"`` in double quotes is a view, ``'orders.csv'`` and ``'a/*'`` are files."""
    return not name.startswith("/") and "://" not in name and ("." in name or "/" in name or "*" in name)


def _found(name: str, folders: tuple[Path, ...]) -> Path:
    holding = [folder for folder in folders if _holds(folder, name)]
    return (holding or list(folders))[0] / name


def _holds(folder: Path, name: str) -> bool:
    try:
        return (folder / name).exists() or any(True for _ in folder.glob(name))
    except (ValueError, NotImplementedError, OSError):
        return False  # no pattern that Python reads; DuckDB says what is wrong with it
