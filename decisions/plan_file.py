"""``PLAN.json`` and the problem folder ``PLAN.d`` beside it: the same plan gives the same bytes."""

import hashlib
import json
import os
import shutil
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from decisions.plan import Plan
from domain.errors import BadProblem, NotThere
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
    """Write ``PLAN.d`` (the problem folder), then ``PLAN.json``, each in one step.

    Raises
    ------
    NotThere
        If the folder to write into does not exist.
    """
    if not file.parent.is_dir():
        raise NotThere(f"there is no folder {str(file.parent)!r} to write the plan into")
    _replace_folder(problem, problem_folder(file))
    write_atomically(file, plan_bytes(plan))


def problem_folder(file: Path) -> Path:
    """Folder of the problem behind a plan file: ``PLAN.json`` → ``PLAN.d``."""
    return file.with_suffix(".d")


def _replace_folder(problem: Problem, folder: Path) -> None:
    draft, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{which}") for which in ("new", "old"))
    try:
        write_problem(problem, draft)
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


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
    """Read the problem behind a plan; it must be the one that was solved."""
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
    hints, names = typing.get_type_hints(kind), [item.name for item in fields(kind)]
    odd = sorted(set(names) ^ set(value))
    if odd:
        raise BadProblem(f"{where} {'lacks' if odd[0] in names else 'has the unknown key'} {odd[0]!r}")
    return kind(**{name: _read(hints[name], value[name], f"{where}.{name}") for name in names})


def _expected(kind: type, value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise BadProblem(f"{where} must be of kind {kind.__name__}, but is {value!r}")
    return value
