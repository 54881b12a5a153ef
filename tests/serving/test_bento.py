"""``bentoml build`` packs the code of the service, and nothing else, without asking the network."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from tests.serving.conftest import REPOSITORY

PACKAGES = {"decisions", "domain", "features", "governance", "models", "optimization", "serving", "store"}
"""What a worker needs; ``training`` stays at home, and MLflow is not imported."""
UV = """#!/bin/sh
echo "uv was called: $*" >&2
exit 1
"""


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bento built from this repository, in a store of its own."""
    folder = tmp_path_factory.mktemp("bento")
    # BentoML installs uv where it finds none, although with pinned requirements it never calls it.
    stand_in = folder / "bin" / "uv"
    stand_in.parent.mkdir()
    stand_in.write_text(UV)
    stand_in.chmod(0o755)
    path = f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [sys.executable, "-m", "bentoml", "build", "--output", "tag", "."],
        env={**os.environ, "BENTOML_HOME": str(folder), "PATH": path},
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (built,) = (folder / "bentos" / "lanewise").glob("*/")
    return built


def packed(bento: Path) -> set[str]:
    source = bento / "src"
    return {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}


def test_a_bento_holds_code_only(bento: Path) -> None:
    """Python, pages and policies of the packages: no data, models, runs, tests or notebooks."""
    files = packed(bento) - {"bentofile.yaml", "LICENSE"}
    assert {PurePosixPath(file).parts[0] for file in files} <= PACKAGES
    assert {PurePosixPath(file).suffix for file in files} <= {".py", ".html", ".toml"}


def test_a_bento_holds_all_of_the_code(bento: Path) -> None:
    """Every file of the packages that git knows; a new package or kind of file cannot be forgotten."""
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert set(listed.stdout.split()) <= packed(bento)


def test_a_bento_runs_from_its_own_files(bento: Path) -> None:
    """The service is imported and its pages are found where only the bento's files are."""
    code = (
        "import serving, serving.service; from serving.api.pages import _templates;"
        "_templates().get_template('home.html'); print(serving.__file__)"
    )
    path = os.pathsep.join((str(bento / "src"), os.environ["PYTHONPATH"]))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bento,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(bento / "src")


def test_a_bento_takes_pinned_requirements(bento: Path) -> None:
    """With their hashes, as they are in the repository."""
    requirements = (bento / "env" / "python" / "requirements.txt").read_text()
    assert "--hash=sha256:" in requirements
    assert "bentoml==" in requirements
