"""A policy: rules and licences, read from TOML and versioned by the hash of its text.

[default]                  # where no rule matches, approval is required: by whom
role = "planner"
[[rule]]
name = "costly premium needs a manager"
when = "action = 'expedite' AND direct_cost > 500"
effect = "require"         # forbid | require | allow
role = "approver"
people = 1
within_min = 60
then_to = "admin"
review_min = 5
[[licence]]
action = "notify"
scope = "coalesce(customer_tier, '') <> 'gold'"
level = "supervised"       # recommend | supervised | autonomous
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from domain.errors import BadPolicy, NotThere
from governance.expression import check_action, check_expression, sandbox

EXEMPT = ("do_nothing", "escalate")
"""Actions that can neither be forbidden nor need approval, so that every case keeps a way."""


class Effect(StrEnum):
    """What a rule does to the candidates it matches; the first of these that matches wins."""

    FORBID = "forbid"
    REQUIRE = "require"
    ALLOW = "allow"


class Level(StrEnum):
    """How far an action may go without a person, least first."""

    RECOMMEND = "recommend"
    SUPERVISED = "supervised"
    AUTONOMOUS = "autonomous"


@dataclass(frozen=True)
class Approval:
    """Whose agreement is needed.

    Attributes
    ----------
    role
        Role of those who approve.
    people
        How many of them.
    within_min
        Minutes they have.
    then_to
        Role to which it goes when that time has passed; empty = it expires.
    review_min
        Minutes of review that each of them spends.
    """

    role: str = "planner"
    people: int = 1
    within_min: int = 60
    then_to: str = ""
    review_min: int = 3

    @property
    def minutes(self) -> int:
        """Review minutes in all."""
        return self.people * self.review_min


@dataclass(frozen=True)
class Rule:
    """One rule; ``approval`` is set where it requires one."""

    name: str
    when: str
    effect: Effect
    approval: Approval | None = None


@dataclass(frozen=True)
class Licence:
    """How far an action kind may go by itself, in a scope (an expression over the candidate table)."""

    action: str
    level: Level
    scope: str = "true"


@dataclass(frozen=True)
class Policy:
    """A checked policy.

    Attributes
    ----------
    text
        The TOML as it was read.
    default
        Approval that is needed where no rule matches.
    """

    text: str
    rules: tuple[Rule, ...] = ()
    licences: tuple[Licence, ...] = ()
    default: Approval = field(default_factory=Approval)

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def load_policy(file: Path | None = None) -> Policy:
    """Read a policy file, or the default policy that comes with the package.

    Raises
    ------
    NotThere
        If the file does not exist.
    BadPolicy
        If it is not valid; the message names the file and the rule.
    """
    if file is None:
        return read_policy(resources.files("governance").joinpath("default-policy.toml").read_text(encoding="utf-8"))
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotThere(f"there is no policy file {str(file)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(f"the policy file {str(file)!r} cannot be read: {error}") from None
    try:
        return read_policy(text)
    except BadPolicy as error:
        raise BadPolicy(f"{file}: {error}") from None


def read_policy(text: str) -> Policy:
    """Read and check the TOML text of a policy.

    Raises
    ------
    BadPolicy
        For invalid TOML, an unknown key, effect, level or kind of action, a name used twice, a missing or
        wrong value, or a predicate that is no plain boolean expression.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"the policy is no valid TOML: {error}") from None
    _known(document, {"default", "rule", "licence"}, "the policy")
    policy = Policy(
        text,
        tuple(_rule(number, entry) for number, entry in enumerate(_list(document, "rule"), 1)),
        tuple(_licence(number, entry) for number, entry in enumerate(_list(document, "licence"), 1)),
        _approval(_table(document.get("default", {}), "[default]"), "[default]"),
    )
    _check(policy)
    return policy


def _check(policy: Policy) -> None:
    names = [rule.name for rule in policy.rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadPolicy(f"two rules are named {twice[0]!r}; a verdict names its rules, so each needs its own name")
    with sandbox() as connection:
        for rule in policy.rules:
            check_expression(connection, f"`when` of rule {rule.name!r}", rule.when)
        for licence in policy.licences:
            check_action(licence.action, f"the licence for {licence.action!r}")
            check_expression(connection, f"`scope` of the licence for {licence.action!r}", licence.scope)


Choice = TypeVar("Choice", bound=StrEnum)
APPROVAL_KEYS = {item.name for item in fields(Approval)}


def _rule(number: int, entry: Any) -> Rule:
    table = _table(entry, f"[[rule]] {number}")
    name = _text(table, "name", f"[[rule]] {number}")
    where = f"rule {name!r}"
    _known(table, {"name", "when", "effect"} | APPROVAL_KEYS, where)
    effect = _one_of(Effect, _text(table, "effect", where), where, "effect")
    asked = {key: table[key] for key in table if key in APPROVAL_KEYS}
    if asked and effect is not Effect.REQUIRE:
        raise BadPolicy(f"{where} has {sorted(asked)[0]!r}, which only a rule that requires approval may have")
    approval = _approval(asked, where) if effect is Effect.REQUIRE else None
    return Rule(name, _text(table, "when", where), effect, approval)


def _licence(number: int, entry: Any) -> Licence:
    where = f"[[licence]] {number}"
    table = _table(entry, where)
    _known(table, {"action", "scope", "level"}, where)
    level = _one_of(Level, _text(table, "level", where), where, "level")
    scope = _text(table, "scope", where) if "scope" in table else "true"
    return Licence(_text(table, "action", where), level, scope)


def _approval(table: Mapping[str, Any], where: str) -> Approval:
    _known(table, APPROVAL_KEYS, where)
    for key in ("role", "then_to"):
        if key in table:
            _text(table, key, where)
    for key, least in (("people", 1), ("within_min", 1), ("review_min", 0)):
        value = table.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise BadPolicy(f"{where}: {key} must be a whole number of {least} or more, but is {value!r}")
    return Approval(**table)


def _one_of(kinds: type[Choice], text: str, where: str, key: str) -> Choice:
    try:
        return kinds(text)
    except ValueError:
        raise BadPolicy(f"{where}: {key} must be {' or '.join(kinds)}, but is {text!r}") from None


def _known(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise BadPolicy(f"{where} has the unknown key {unknown[0]!r}; it may hold {', '.join(sorted(known))}")


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    entries = document.get(name, [])
    if not isinstance(entries, list):
        raise BadPolicy(f"{name} must be written as [[{name}]], one for each")
    return entries


def _table(entry: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise BadPolicy(f"{where} must be a table of keys, but is {entry!r}")
    return entry


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadPolicy(f"{where} needs {key}, a text, but has {value!r}")
    return value
