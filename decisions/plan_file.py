"""``PLAN.json`` and the problem folder ``PLAN.d`` beside it: the same plan gives the same bytes."""

import fcntl
import hashlib
import json
import os
import shutil
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from decisions.plan import Plan
from domain.errors import BadProblem, LanewiseError, NotThere
from optimization.problem import Problem
from optimization.problem_folder import read_problem, write_problem
from store.atomic import write_atomically

FORMAT = "lanewise-plan/1"


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as the JSON object that is written."""
    return {"format": FORMAT, **asdict(plan)}


def plan_bytes(plan: Plan) -> bytes:
    """The bytes of ``PLAN.json``: sorted keys, integer cents, rounded probabilities."""
    document = plan_document(plan)
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plan_fingerprint(plan: Plan) -> str:
    """SHA-256 of the bytes; a stored plan is found under its first 16 digits."""
    return hashlib.sha256(plan_bytes(plan)).hexdigest()


def write_plan(plan: Plan, problem: Problem, file: Path) -> None:
    """Write ``PLAN.json`` and ``PLAN.d``, the problem folder; a kill leaves the old plan or the new one.

    The problem that ``PLAN.json`` was made from stays, at worst set aside, until the new plan is in place.

    Raises
    ------
    NotThere
        If the folder to write into does not exist.
    """
    if not file.parent.is_dir():
        raise NotThere(f"there is no folder {str(file.parent)!r} to write the plan into")
    content = plan_bytes(plan)
    with _one_writer(file.parent):
        _settle(file)
        try:
            _replace_folder(problem, file)
            write_atomically(file, content)
            shutil.rmtree(_aside(file), ignore_errors=True)
        finally:
            _settle(file)


def problem_folder(file: Path) -> Path:
    """Folder of the problem behind a plan file: ``PLAN.json`` → ``PLAN.d``."""
    return file.with_suffix(".d")


def _aside(file: Path) -> Path:
    """Where the old problem waits until the new plan is in place."""
    return file.with_name(f".{problem_folder(file).name}.old")


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Wait for other writers of plans in a folder; the kernel frees the lock when its holder dies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace_folder(problem: Problem, file: Path) -> None:
    folder = problem_folder(file)
    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        write_problem(problem, draft)
        if folder.exists():
            folder.rename(_aside(file))
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _settle(file: Path) -> None:
    """End what a writer that was stopped began: of two problems the one of ``PLAN.json`` stays."""
    folder, aside = problem_folder(file), _aside(file)
    if not aside.exists():
        return
    if not folder.exists() or _is_of(file, aside):
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _is_of(file: Path, folder: Path) -> bool:
    """Whether a folder holds the problem that a plan file was made from."""
    try:
        return read_problem(folder).fingerprint == read_plan(file).certificate.problem_fingerprint
    except LanewiseError:
        return False


def read_plan(file: Path) -> Plan:
    """Read a plan file back, checking every field.

    Raises
    ------
    NotThere
        If the file does not exist.
    BadProblem
        If it is no plan; the message says where.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotThere(f"there is no plan {str(file)!r}; make one with `lanewise plan DIR --as-of TIME`") from None
    except (OSError, ValueError) as error:
        raise BadProblem(f"{str(file)!r} is no plan file: {error}") from None
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise BadProblem(f"{str(file)!r} is no plan file: it does not say format {FORMAT!r}")
    plan: Plan = _read(Plan, document, "plan")
    return plan


def read_plan_problem(file: Path, plan: Plan) -> Problem:
    """Read the problem behind a plan; it must be the one that was solved.

    Where a writer was stopped midway, that is the one that it had set aside.
    """
    if _aside(file).exists() and _is_of(file, _aside(file)):
        return read_problem(_aside(file))
    problem = read_problem(problem_folder(file))
    if problem.fingerprint != plan.certificate.problem_fingerprint:
        raise BadProblem(f"{problem_folder(file).name} is not the problem that {file.name} was made from")
    return problem


def _read(kind: Any, value: Any, where: str) -> Any:
    """A JSON value as a dataclass, tuple, mapping, optional or plain value of a kind."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _read(inner[0], value, where)
    if is_dataclass(kind):
        return _read_dataclass(kind, _expected(dict, value, where), where)
    if origin is tuple:
        return tuple(_read(inner[0], one, f"{where}[{k}]") for k, one in enumerate(_expected(list, value, where)))
    if origin is Mapping:
        return {key: _read(inner[1], one, f"{where}.{key}") for key, one in _expected(dict, value, where).items()}
    if kind is float and type(value) is int:
        return value
    return _expected(kind, value, where)


def _read_dataclass(kind: Any, value: dict[str, Any], where: str) -> Any:
    hints, known = typing.get_type_hints(kind), {item.name: item for item in fields(kind)}
    odd = sorted(set(value) - set(known))
    if odd:
        raise BadProblem(f"{where} has the unknown key {odd[0]!r}")
    lacking = sorted(
        name
        for name, item in known.items()
        if name not in value and item.default is MISSING and item.default_factory is MISSING
    )
    if lacking:
        raise BadProblem(f"{where} lacks {lacking[0]!r}")
    return kind(**{name: _read(hints[name], given, f"{where}.{name}") for name, given in value.items()})


def _expected(kind: type, value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise BadProblem(f"{where} must be of kind {kind.__name__}, but is {value!r}")
    return value
