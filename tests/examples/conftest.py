import pytest

from store.dataset import Dataset
from tests.examples.imported import imported, raw_folder


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A whole year, imported once."""
    raw_folder("flights")
    return imported("flights", tmp_path_factory.mktemp("flights") / "data")


@pytest.fixture(scope="session")
def cargo(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    raw_folder("cargo2000")
    return imported("cargo2000", tmp_path_factory.mktemp("cargo") / "data")


@pytest.fixture(scope="session")
def legs(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    raw_folder("cargo2000-legs")
    return imported("cargo2000-legs", tmp_path_factory.mktemp("legs") / "data")


@pytest.fixture(scope="session")
def buses(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    raw_folder("ttc-bus-delays")
    return imported("ttc-bus-delays", tmp_path_factory.mktemp("buses") / "data")


@pytest.fixture(scope="session")
def cabs(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    raw_folder("yourcabs")
    return imported("yourcabs", tmp_path_factory.mktemp("cabs") / "data")
