"""Settings: defaults, then ``lanewise.toml`` of the home, then ``LANEWISE_…`` variables.

``[plan] min_saving`` is ``LANEWISE_PLAN_MIN_SAVING``; the top-level ``data`` is ``LANEWISE_DATA``.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from domain.errors import BadSettings
from domain.params import Settings

FILE_NAME = "lanewise.toml"
PREFIX = "LANEWISE_"
SECTIONS = {"imports": "import"}
"""Fields whose section in the file has another name, because the field's would be a keyword."""
TRUTHS = {"true": True, "false": False}
"""How a variable says yes or no."""
OTHER_VARIABLES = frozenset({"LANEWISE_HOME", "LANEWISE_DEBUG", "LANEWISE_TEST_POSTGRESQL"})
"""Variables with the prefix that are no settings: the home, tracebacks, a database for tests."""


@dataclass(frozen=True)
class Effective:
    """One effective value and where it came from: ``default``, the file, or the variable."""

    key: str
    value: Any
    source: str


@dataclass(frozen=True)
class LoadedSettings:
    """Settings and the source of each value, in the order of the catalogue."""

    settings: Settings
    values: tuple[Effective, ...]


def load_settings(home: Path, environment: Mapping[str, str]) -> LoadedSettings:
    """Read the settings of a home.

    Raises
    ------
    BadSettings
        If the file is no valid TOML, a key is unknown, or a value is of the wrong kind or out of range.
    """
    file = home / FILE_NAME
    said = {key: (value, FILE_NAME) for key, value in _from_file(file).items()}
    said |= {key: (value, name) for key, value, name in _from_environment(environment)}
    defaults = dict(_keys(Settings()))
    values, settings = [], Settings()
    for key, default in defaults.items():
        raw, source = said.get(key, (default, "default"))
        value = _converted(key, raw, default, source)
        values.append(Effective(key, value, source))
        if source != "default":
            settings = _with(settings, key, value)
    return LoadedSettings(settings, tuple(values))


def _keys(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Every key as ``section.name`` (or ``name``), with its value."""
    for item in fields(settings):
        value = getattr(settings, item.name)
        if is_dataclass(value):
            section = SECTIONS.get(item.name, item.name)
            yield from ((f"{section}.{inner.name}", getattr(value, inner.name)) for inner in fields(value))
        else:
            yield item.name, value


def _with(settings: Settings, key: str, value: Any) -> Settings:
    section, _, name = key.rpartition(".")
    if not section:
        return replace(settings, **{name: value})
    attribute = {file: field for field, file in SECTIONS.items()}.get(section, section)
    return replace(settings, **{attribute: replace(getattr(settings, attribute), **{name: value})})


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{FILE_NAME} is no valid TOML: {error}") from None
    flat: dict[str, Any] = {}
    for key, value in document.items():
        flat |= {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
    _refuse_unknown(flat, FILE_NAME)
    return flat


def _refuse_unknown(said: Mapping[str, Any], where: str) -> None:
    known = dict(_keys(Settings()))
    for key in said:
        if key not in known:
            raise BadSettings(f"{where} has the unknown key {key!r}; `lanewise settings` lists every key")


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    variables = {PREFIX + key.replace(".", "_").upper(): key for key, _ in _keys(Settings())}
    for name, text in environment.items():
        if name in variables:
            yield variables[name], text, name
        elif name.startswith(PREFIX) and name not in OTHER_VARIABLES:
            raise BadSettings(f"{name} is no setting; `lanewise settings` lists every key with its variable's name")


def _converted(key: str, raw: Any, default: Any, source: str) -> Any:
    value = _in_kind(key, raw, default, source)
    if isinstance(value, float) and not isfinite(value):
        raise BadSettings(f"{key} (from {source}) must be a finite number, but is {value!r}")
    return value


def _in_kind(key: str, raw: Any, default: Any, source: str) -> Any:
    """A value in the kind of its default; text of a variable is read as that kind."""
    kind = type(default)
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if isinstance(raw, kind) and not (kind is int and isinstance(raw, bool)):
        return raw
    if isinstance(raw, str) and source.startswith(PREFIX):
        try:
            return TRUTHS[raw.lower()] if kind is bool else kind(raw)
        except (KeyError, ValueError):
            pass
    raise BadSettings(f"{key} (from {source}) must be of kind {kind.__name__}, but is {raw!r}")
