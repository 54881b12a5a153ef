"""Who was champion after whom: the record of a model's appointments, and the line of champions that follows from it.

MLflow's alias says who is champion now and forgets who was before. Each appointment is therefore kept as one tag of
the registered model, ``succession.0001``, ``succession.0002`` …, never changed and never removed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, asdict, dataclass, fields
from enum import StrEnum

from domain.person import named, two_people
from domain.reason import one_line, reasoned

PREFIX = "succession."


class Kind(StrEnum):
    """How a version became champion."""

    BOOTSTRAP = "bootstrap"
    """It was the first of its name."""
    PROMOTION = "promotion"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Appointment:
    """A version becomes champion.

    It checks itself: a promotion takes two people, and texts show what they are. What is on record is read without
    (``checked``), as nobody can mend it.

    Attributes
    ----------
    before
        The champion until then; empty where there was none.
    at
        When, ISO 8601.
    by, approved_by
        Who proposed it and who agreed; names are claims. A rollback takes one person.
    reason
        Why, in that person's words.
    despite
        What spoke against it and was overridden.
    evidence
        The comparison that it rests on: with which version, on which rows of which data; empty where it rests on none.

    Raises
    ------
    LanewiseError
        If one person proposes and agrees, a name is none, or a reason holds control characters.
    """

    kind: Kind
    version: str
    before: str
    at: str
    by: str
    approved_by: str = ""
    reason: str = ""
    despite: str = ""
    evidence: str = ""
    checked: InitVar[bool] = True

    def __post_init__(self, checked: bool) -> None:
        if not checked:
            return
        if self.kind is Kind.PROMOTION:
            two_people(self.by, self.approved_by)
        named("--by", self.by)
        reasoned(self.reason)

    @property
    def tags(self) -> dict[str, str]:
        """What the version itself is tagged with."""
        if self.kind is Kind.ROLLBACK:
            said = {"by": self.by, "at": self.at, "from": self.before, "reason": self.reason}
            return {f"rolled_back_{name}": value for name, value in said.items()}
        said = {"promoted_by": self.by, "promoted_at": self.at, "promoted_from": self.before}
        if self.kind is Kind.BOOTSTRAP:
            return said
        why = {"reason": self.reason, "overridden": self.despite, "evidence": self.evidence}
        return said | {"approved_by": self.approved_by} | why

    @property
    def short(self) -> str:
        """Such as ``promotion of version 3``."""
        to = "to" if self.kind is Kind.ROLLBACK else "of"
        return f"{self.kind} {to} version {self.version}"

    @property
    def words(self) -> str:
        """The appointment as a sentence on one line; the reason last, in the person's own words."""
        moved = f"version {self.version} became champion" + (f" after version {self.before}" if self.before else "")
        how = {
            Kind.BOOTSTRAP: "as the first of its name (nobody promoted it)",
            Kind.PROMOTION: f"promoted by {self.by}, approved by {self.approved_by}",
            Kind.ROLLBACK: f"rolled back by {self.by}",
        }[self.kind]
        evidence = f"; evidence: {self.evidence}" if self.evidence else ""
        despite = f"; overridden: {self.despite}" if self.despite else ""
        reason = f"; reason: {self.reason}" if self.reason else ""
        return one_line(f"{self.at}: {moved}, {how}{evidence}{despite}{reason}")


def recorded(tags: Mapping[str, str]) -> tuple[Appointment, ...]:
    """Appointments of a registered model by its tags, oldest first."""
    known = {item.name for item in fields(Appointment)}
    said = [json.loads(value) for key, value in sorted(tags.items()) if key.startswith(PREFIX)]
    kept = [{name: value for name, value in one.items() if name in known} for one in said]
    return tuple(Appointment(**{**one, "kind": Kind(one["kind"])}, checked=False) for one in kept)


def next_tag(tags: Mapping[str, str], appointment: Appointment) -> tuple[str, str]:
    """Key and value under which a further appointment is kept."""
    numbers = [int(key.removeprefix(PREFIX)) for key in tags if key.startswith(PREFIX)]
    return f"{PREFIX}{max(numbers, default=0) + 1:04d}", json.dumps(
        asdict(appointment), ensure_ascii=False, sort_keys=True
    )


def line_of(appointments: Sequence[Appointment], champion: str) -> tuple[str, ...]:
    """Versions that were champion one after the other, ``champion`` last.

    A promotion adds to the line; a rollback ends the line where it went back to, so that the next one goes one further
    back. The alias decides: where somebody moved it by hand, or a command was killed between alias and record, the
    champion that it names is the last.
    """
    line: list[str] = []
    for one in appointments:
        if one.kind is Kind.ROLLBACK and one.version in line:
            while line[-1] != one.version:
                line.pop()
        else:
            line += [version for version in (one.before, one.version) if version and line[-1:] != [version]]
    return tuple(line if line[-1:] == [champion] else [*line, champion])
