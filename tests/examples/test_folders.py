import tomllib

import duckdb
import pytest

from domain.facts import FACTS
from domain.manifest import read_manifest
from tests.examples.imported import EXAMPLES, NAMES


def test_every_example_is_tested() -> None:
    """No folder of examples escapes these tests."""
    assert tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/manifest.toml"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_manifest_names_its_folder(name: str) -> None:
    """The data set is called as its folder, and its manifest is valid."""
    document = tomllib.loads((EXAMPLES / name / "manifest.toml").read_text())
    assert read_manifest(document).name == name


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_one_select_for_one_canonical_table(name: str) -> None:
    """An import's SQL file is named for a table and holds one SELECT."""
    files = sorted((EXAMPLES / name).glob("*.sql"))
    assert files
    for file in files:
        assert file.stem in FACTS
        statements = duckdb.extract_statements(file.read_text())
        assert [statement.type for statement in statements] == [duckdb.StatementType.SELECT], file


@pytest.mark.parametrize("name", NAMES)
def test_readme_says_what_a_user_needs(name: str) -> None:
    """Where it comes from, what stands for what, what to beware of, and the command."""
    text = (EXAMPLES / name / "README.md").read_text()
    for wanted in (
        "**Source and licence.**",
        "## What stands for what",
        "## Traps",
        f"lanewise import examples/{name} ",
    ):
        assert wanted in text
