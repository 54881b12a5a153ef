"""The examples of scenarios are read, and between them use every kind of change."""

from pathlib import Path

import pytest

from optimization.scenarios.kinds import KINDS
from optimization.scenarios.reading import read_scenario

FILES = sorted((Path(__file__).parents[2] / "examples/what-if").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_a_scenario(file: Path) -> None:
    """Each has a note for people."""
    assert read_scenario(file).note


def test_every_kind_has_an_example() -> None:
    used = {change.kind for file in FILES for change in read_scenario(file).changes}
    assert used == set(KINDS)
