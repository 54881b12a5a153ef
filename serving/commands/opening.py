"""What commands open: settings, registry, data set."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from decisions.settings import load_settings
from domain.errors import NotThere
from domain.params import Settings

if TYPE_CHECKING:
    from store.registry import Registry

SQLITE = "sqlite:///"


def settings_of(home: Path) -> Settings:
    """Effective settings of a home."""
    return load_settings(home, os.environ).settings


def registry_of(home: Path) -> "Registry":
    """The registry of a home, which may not have been made yet."""
    from store.registry import Registry

    return Registry(home, settings_of(home).mlflow)


def is_made(registry: "Registry") -> bool:
    """Whether anything was ever registered; looking would make MLflow's database."""
    return not registry.uri.startswith(SQLITE) or Path(registry.uri.removeprefix(SQLITE)).exists()


def made_registry(home: Path) -> "Registry":
    """The registry of a home.

    Raises
    ------
    NotThere
        If nothing was registered yet.
    """
    registry = registry_of(home)
    if not is_made(registry):
        raise NotThere(f"no model is registered in {home.resolve()}; `lanewise train DIR` makes some")
    return registry
