"""A network of ten thousand shipments, made once, and a larger one for what needs many."""

from pathlib import Path

import pytest

from store.dataset import Dataset
from tests.simulator.histories import history


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A year of 10,000 shipments in a turning market."""
    return history(tmp_path_factory.mktemp("network") / "data", 10_000, seed=16)


@pytest.fixture(scope="session")
def large_network(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """So many shipments that chance moves an AUC by less than a hundredth."""
    return history(tmp_path_factory.mktemp("large") / "data", 45_000, seed=41)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a data set may be written."""
    return tmp_path / "data"
