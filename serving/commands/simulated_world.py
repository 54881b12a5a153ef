"""The world behind a simulated data set, for commands that ask what would have happened otherwise."""

from pathlib import Path

from domain.what_if import WhatIf


def world_of(folder: Path) -> WhatIf | None:
    """The world that made a data set; nothing where what it was asked for is not beside it."""
    from simulator.whatif.asked import world_beside

    return world_beside(folder)


def world_file(folder: Path) -> Path:
    """Where a simulated data set has what it was asked for."""
    from simulator.whatif.asked import WORLD

    return folder / WORLD
