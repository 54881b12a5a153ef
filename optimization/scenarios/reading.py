"""A scenario from a file of changes.

name = "Carrier C7 down"
note = "Its drivers are on strike."     # for people, optional
[[change]]
kind = "carrier_down"
carrier = "C7"
"""

import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.errors import BadScenario, LanewiseError, NotThere
from domain.moment import parse_moment
from optimization.scenarios.change import Change
from optimization.scenarios.kinds import KINDS
from optimization.scenarios.scenario import Scenario, place

DIGITS = 15
"""Most digits of a number before its point, and after it."""


def read_scenario(file: Path) -> Scenario:
    """Read a file of changes.

    Raises
    ------
    NotThere
        If it does not exist.
    BadScenario
        If it is no valid TOML, or a key or value is not allowed; the message names file and key.
    """
    try:
        return parse_scenario(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotThere(f"there is no file of changes {str(file)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario(f"the file of changes {str(file)!r} cannot be read: {error}") from None
    except BadScenario as error:
        raise BadScenario(f"{file}: {error}") from None


def parse_scenario(text: str) -> Scenario:
    """Read the TOML text of a scenario.

    Raises
    ------
    BadScenario
        As :func:`read_scenario`.
    """
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadScenario(f"this is no valid TOML: {error}") from None
    _refuse_unknown(document, ("name", "note", "change"), "the file")
    if "name" not in document:
        raise BadScenario('the file needs a name, such as name = "Carrier C7 down"')
    name, note = (_text(document.get(key, ""), key) for key in ("name", "note"))
    if not name.strip():
        raise BadScenario("name must not be empty: scenarios are told apart by it")
    entries = document.get("change", [])
    if not isinstance(entries, list) or not entries:
        raise BadScenario("the file needs changes, each written under a line [[change]]")
    return Scenario(name, tuple(_change(entry, place(number)) for number, entry in enumerate(entries, 1)), note)


def _change(entry: Any, where: str) -> Change:
    if not isinstance(entry, Mapping):
        raise BadScenario(f"{where} must be a table of keys, but is {entry!r}")
    kind = KINDS.get(_text(entry.get("kind", ""), f"{where} kind"))
    if kind is None:
        raise BadScenario(f"{where} kind must be one of {', '.join(KINDS)}, but is {entry.get('kind')!r}")
    known = keys_of(kind)
    _refuse_unknown(entry, ("kind", *known), f"{where} ({kind.kind})")
    try:
        made: Change = _built(kind, entry)
    except BadScenario as error:
        raise BadScenario(f"{where} ({kind.kind}): {error}") from None
    return made


def keys_of(kind: type) -> list[str]:
    """Keys of a kind of change; those of a part, such as the candidates it is about, stand beside its own."""
    hints = typing.get_type_hints(kind)
    keys: list[str] = []
    for item in fields(kind):
        keys += keys_of(hints[item.name]) if is_dataclass(hints[item.name]) else [item.metadata.get("key", item.name)]
    return list(dict.fromkeys(keys))


def _built(kind: Any, entry: Mapping[str, Any]) -> Any:
    """A dataclass from the keys of a table."""
    hints, given = typing.get_type_hints(kind), {}
    for item in fields(kind):
        key, wanted = item.metadata.get("key", item.name), hints[item.name]
        if is_dataclass(wanted):
            given[item.name] = _built(wanted, entry)
        elif key in entry:
            given[item.name] = _value(wanted, entry[key], key)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise BadScenario(f"{key} is missing: it must be {EXPECTED[wanted]}")
    return kind(**given)


def _value(wanted: Any, came: Any, key: str) -> Any:
    """A value in the kind that is wanted."""
    if isinstance(wanted, types.UnionType):
        wanted = typing.get_args(wanted)[0]
    read = READERS[wanted](came)
    if read is None:
        shown = str(came) if isinstance(came, Decimal) else repr(came)
        raise BadScenario(f"{key} must be {EXPECTED[wanted]}, but is {shown}")
    return read


def _refuse_unknown(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    odd = sorted(set(table) - set(known))
    if odd:
        raise BadScenario(f"{where} has the unknown key {odd[0]!r}; it may hold {', '.join(known)}")


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise BadScenario(f"{key} must be a text, but is {value!r}")
    return value


def _patterns(came: Any) -> tuple[str, ...] | None:
    """A text, or a list of some."""
    listed = [came] if isinstance(came, str) else came
    sound = isinstance(listed, list) and listed and all(isinstance(one, str) and one for one in listed)
    return tuple(listed) if sound else None


def _decimal(came: Any) -> Decimal | None:
    number = Decimal(came) if _whole(came) is not None else came
    if not isinstance(number, Decimal) or not number.is_finite() or number.adjusted() >= DIGITS:
        return None
    return number if int(number.as_tuple().exponent) >= -DIGITS else None


def _whole(came: Any) -> int | None:
    return came if isinstance(came, int) and not isinstance(came, bool) and abs(came) < 10**DIGITS else None


def _moment(came: Any) -> datetime | None:
    """A time of TOML's own, or ISO 8601 in a text; UTC without a zone."""
    if isinstance(came, datetime):
        return came.astimezone(UTC) if came.tzinfo else came.replace(tzinfo=UTC)
    try:
        return parse_moment(came.isoformat() if isinstance(came, date) else came)
    except (LanewiseError, TypeError):
        return None


READERS: dict[Any, Callable[[Any], Any]] = {
    tuple[str, ...]: _patterns,
    Decimal: _decimal,
    int: _whole,
    str: lambda came: came if isinstance(came, str) else None,
    bool: lambda came: came if isinstance(came, bool) else None,
    datetime: _moment,
}
EXPECTED = {
    tuple[str, ...]: "a text or a list of texts",
    Decimal: f"a number of at most {DIGITS} digits before and after the point",
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    datetime: "a time in ISO 8601, such as 2024-12-10T16:00:00Z",
}
