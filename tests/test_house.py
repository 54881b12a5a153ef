"""The house is in order: imports, sizes, docstrings, pins, and nothing of one machine in the files."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40

PLANTED = {
    "floors": [("models/planted.py", "import optimization"), ("decisions/planted.py", "import training")],
    "doors": [("decisions/planted.py", "import fastapi"), ("store/planted.py", "from typer import Typer")],
    "solver": [("models/planted.py", "from ortools.math_opt.python import mathopt")],
    "mlflow": [("serving/planted.py", "def log():\n    import mlflow.pyfunc")],
    "contracts": [("store/planted.py", "import great_expectations as gx")],
    "nouns": [("domain/planted.py", "import numpy as np")],
    "world": [
        ("training/planted.py", "import simulator.truth"),
        ("serving/planted.py", "import simulator.network"),
    ],
}
"""For each import contract, lines that it must refuse."""


def tracked() -> list[str]:
    """Every file that is in the repository, or would be with the next ``git add``."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("skipped: no git repository here")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def ours() -> list[str]:
    return [name for name in tracked() if name.endswith(".py")]


def functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter as ``make check`` does, in another tree."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_contract_is_kept() -> None:
    """Nothing in the house imports what it may not."""
    checked = lint_imports(ROOT)
    assert checked.returncode == 0, checked.stdout


def test_every_import_contract_bites(copy_of_the_house: Path) -> None:
    """Each contract is broken by an import planted against it: none is there for show."""
    contracts = {contract["id"]: contract["name"] for contract in PROJECT["tool"]["importlinter"]["contracts"]}
    assert set(PLANTED) == set(contracts)
    for line in (line for lines in PLANTED.values() for line in lines):
        with (copy_of_the_house / line[0]).open("a", encoding="utf-8") as file:
            file.write(line[1] + "\n")
    said = lint_imports(copy_of_the_house).stdout
    for name in contracts.values():
        assert re.search(re.escape(name) + r".*BROKEN", said), f"{name}\n{said}"
    for file, _ in (line for lines in PLANTED.values() for line in lines):
        assert file.removesuffix(".py").replace("/", ".") in said


def test_the_nouns_import_the_standard_library_only() -> None:
    """``domain`` imports itself and the standard library, whatever third party may be added one day."""
    for name in (name for name in ours() if name.startswith("domain/")):
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops = {imported.split(".")[0] for imported in names}
            assert tops <= {*sys.stdlib_module_names, "domain"}, f"{name} imports {tops}"


def test_every_package_is_known_to_the_build_the_types_and_the_contracts() -> None:
    """A new package cannot be forgotten in one of the three lists."""
    found = {name.split("/")[0] for name in ours() if name.count("/") == 1 and name.endswith("/__init__.py")}
    assert set(PACKAGES) == found - {"tests", "benchmarks"}
    assert PROJECT["tool"]["mypy"]["packages"] == PACKAGES
    assert PROJECT["tool"]["importlinter"]["root_packages"] == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_lives_there(package: str) -> None:
    """One line, and at most one paragraph below it."""
    said = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert 1 <= len(said.split("\n\n")) <= 2


def test_no_file_is_longer_than_a_person_reads() -> None:
    """A file of more than 400 lines holds more than one concept."""
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in ours()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_a_person_reads() -> None:
    """A function of more than 40 lines, its docstring counted, wants steps with names."""
    lengths = {f"{name}:{one.name}": _lines_of(one) for name in ours() for one in functions(name)}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}


def test_every_folder_of_tests_is_a_package() -> None:
    """Without ``__init__.py``, tests/models would shadow models. The guard's folder is a path, not a package."""
    folders = {Path(name).parent for name in ours() if name.startswith("tests/")} - {Path("tests/network_guard")}
    assert [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").is_file()] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    """A clone works anywhere: no absolute path of a home or a workplace."""
    pattern = re.compile(r"(?<![\w.$}])/(?:home|root|Users|work|mnt)/[\w.-]+")
    assert _lines_with(pattern) == []


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the machine's business, not the repository's."""
    registries = ("pypi" + r"\.org", "files" + r"\.pythonhosted", "anaconda" + r"\.org", "registry" + r"\.npmjs")
    assert _lines_with(re.compile("|".join(registries), re.IGNORECASE)) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-uv.txt"])
def test_requirements_are_pinned_and_hashed(name: str) -> None:
    """Each requirement is one exact version with its hashes, and no address."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for requirement in re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip()):
        assert re.match(r"[\w.\[\]-]+==[\w.!+]+ ", requirement), requirement[:80]
        assert "--hash=sha256:" in requirement, requirement[:80]


def test_ignored_folders_are_anchored() -> None:
    """A bare ``models/`` in .gitignore would drop the package from git and from the wheel."""
    made_anywhere = {"__pycache__/", "*.egg-info/", ".ipynb_checkpoints/"}
    lines = [line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    assert [line for line in lines if not line.lstrip("!").startswith("/") and line not in made_anywhere] == []


def _lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for name in tracked():
        try:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{name}:{k}: {line.strip()[:100]}" for k, line in enumerate(lines, 1) if pattern.search(line)]
    return found
