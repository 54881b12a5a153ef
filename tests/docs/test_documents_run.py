"""What README and docs show is what happens: marked code blocks are run, links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from store.dataset import open_dataset
from tests.docs.documents import ROOT, Block, blocks, documents

RUNNERS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
SHOWN = [document for document in documents() if blocks(document) and document.name != "README.md"]
"""README is done by a fixture, because what it leaves behind is looked at."""


def tell(document: Path, folder: Path) -> None:
    """Do what a document says, from top to bottom, in ``folder``."""
    for block in blocks(document):
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        else:
            run(block, folder)


def run(block: Block, folder: Path) -> None:
    assert block.said == "run", f"a fence says {block.said!r}: it may say run, or file=PATH"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LANEWISE_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", "")])
    python_path = os.pathsep.join([str(ROOT), inherited.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*RUNNERS[block.language], block.text],
        cwd=folder,
        env={**inherited, "PATH": path, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def readme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which README was done."""
    folder = tmp_path_factory.mktemp("readme")
    tell(ROOT / "README.md", folder)
    return folder


def test_the_ten_lines_of_sql_do_what_the_readme_says(readme: Path) -> None:
    """A repeated row is collapsed, nothing is in quarantine, and the order not delivered has no delivery."""
    data = open_dataset(readme / "var/data/mine")
    assert data.table("shipments")["shipment_id"].tolist() == ["4711", "4712", "4713", "4714"]
    assert data.table("milestones")["shipment_id"].tolist() == ["4712", "4711", "4714"]
    assert "x_goods" in data.given("shipments")
    assert data.manifest.currency == "EUR"
    assert data.description.tables["shipments"].collapsed == 1
    assert data.description.tables["shipments"].quarantined == {}


@pytest.mark.parametrize("document", SHOWN, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_document_runs(document: Path, tmp_path: Path) -> None:
    """Every marked block of a document runs without failing, one after the other."""
    tell(document, tmp_path)


def test_the_readme_needs_ten_lines_of_sql() -> None:
    """It promises ten lines."""
    sql = [block.text for block in blocks(ROOT / "README.md") if block.language == "sql"]
    assert sum(len(text.splitlines()) for text in sql) == 10


@pytest.mark.parametrize("document", documents(), ids=lambda document: str(document.relative_to(ROOT)))
def test_a_link_leads_somewhere(document: Path) -> None:
    """Every relative link of a document names a file or folder that is there."""
    links = re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8"))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (document.parent / link).exists()] == []
