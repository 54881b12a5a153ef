"""Who becomes champion: promotion by two people on evidence, and the way back by one. Every door comes through here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from domain.errors import LanewiseError, WrongModel
from domain.person import named, two_people
from domain.reason import reasoned
from features.frame import catalogue_hash
from store.current import CHALLENGER
from store.registry import HASH_TAG, Registry, Version
from store.succession import Appointment, Kind
from training.evidence import Evidence, evidence_of
from training.signing import sign_card

MAX_TOLD = 2_000
"""Characters of what was overridden that every registry's database takes in."""


@dataclass(frozen=True)
class Appointed:
    """An appointment as it was made.

    Attributes
    ----------
    overridden
        What spoke against it, a line each.
    evidence
        The comparison that it rests on, if any.
    dropped
        Sub-version whose update ended, such as ``3+1a2b3c4d``; empty for none.
    unsigned
        Model cards that do not say so, with why.
    """

    name: str
    appointment: Appointment
    dropped: str
    unsigned: tuple[str, ...]
    overridden: tuple[str, ...] = ()
    evidence: Evidence | None = None

    def lines(self) -> list[str]:
        """What was done, in words."""
        made, evidence = self.appointment, self.evidence
        if made.kind is Kind.ROLLBACK:
            first = f"version {made.version} is the champion again instead of {made.before}, rolled back by {made.by}"
        else:
            people = f"promoted by {made.by}, approved by {made.approved_by}"
            first = f"version {made.version} is the champion, {people}"
        return [
            f"{self.name}: {first}",
            *([f"it rests on a comparison with version {evidence.champion} on {evidence.on}"] if evidence else []),
            *(f"overridden, for the reason given: {line}" for line in self.overridden),
            *([_ended(self.dropped, made.version)] if self.dropped else []),
            *self.unsigned,
        ]

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        made = self.appointment
        figures = {"name": self.name, "version": made.version, "before": made.before, "reason": made.reason}
        if made.kind is Kind.ROLLBACK:
            return {**figures, "rolled_back_by": made.by, "dropped": self.dropped}
        return {
            **figures,
            "promoted_by": made.by,
            "approved_by": made.approved_by,
            "overridden": made.despite,
            "evidence": asdict(self.evidence) if self.evidence else None,
            "dropped": self.dropped,
        }


def promote(
    registry: Registry, name: str, version: str, by: str, approved_by: str, at: str, reason: str = ""
) -> Appointed:
    """Make a version the champion.

    Parameters
    ----------
    by, approved_by
        Who proposes and who agrees.
    at
        The moment, ISO 8601.
    reason
        Why; overrides what speaks against it.

    Raises
    ------
    LanewiseError
        If both are one person, or something speaks against it and no reason is given.
    NotThere
        If there is no such version.
    WrongModel
        If its files were changed since they were registered, or this code could not serve it.
    """
    people, why = two_people(by, approved_by), reasoned(reason)
    chosen = registry.version(name, version)
    _check_servable(registry, chosen)
    before = registry.champion(name)
    champion, appointments = registry.version(name, before) if before else None, registry.appointments(name)
    evidence = None if unfit_evidence(chosen, champion, appointments) else evidence_of(chosen.tags)
    overridden = _overridden(chosen, objections_to(chosen, champion, appointments), why)
    despite = "; ".join(overridden)[:MAX_TOLD]
    on = f"compared with version {evidence.champion} on {evidence.on}" if evidence else ""
    made = Appointment(Kind.PROMOTION, chosen.version, before, at, *people, why, despite, on)
    return Appointed(name, made, registry.crown(name, made), _signed(registry, name, made), tuple(overridden), evidence)


def roll_back(registry: Registry, name: str, by: str, at: str, reason: str = "") -> Appointed:
    """Make the champion before the present one champion again.

    Parameters
    ----------
    by, at, reason
        As for :func:`promote`; one person is enough.

    Raises
    ------
    NotThere
        If no earlier champion is on record.
    LanewiseError
        If the champion is not what is in service.
    WrongModel
        If the earlier one's files were changed since they were registered, or this code could not serve it.
    """
    who, why = named("--by", by), reasoned(reason)
    earlier = registry.before(name)
    registry.check_in_service(name)
    _check_servable(registry, earlier)
    made = Appointment(Kind.ROLLBACK, earlier.version, registry.champion(name), at, who, reason=why)
    return Appointed(name, made, registry.crown(name, made), _signed(registry, name, made))


def objections_to(chosen: Version, champion: Version | None, appointments: Sequence[Appointment]) -> list[str]:
    """What speaks against making a version the champion after ``champion``, a line each; nothing where it is that.

    Parameters
    ----------
    appointments
        Every one of the model on record, oldest first.
    """
    if champion is not None and chosen.version == champion.version:
        return []
    unfit = unfit_evidence(chosen, champion, appointments)
    found = evidence_of(chosen.tags)
    return [unfit] if unfit or found is None else found.objections()


def unfit_evidence(chosen: Version, champion: Version | None, appointments: Sequence[Appointment]) -> str:
    """Why no comparison on record can speak for a version; empty where one can."""
    found, how = evidence_of(chosen.tags), _how(chosen)
    if champion is None:
        return f"no version of {chosen.name} is champion, so it was compared with none"
    if found is None:
        return f"no comparison with the champion (version {champion.version}) is on record; {how}"
    if found.champion != champion.version:
        return f"it was compared with version {found.champion}, but the champion is version {champion.version}; {how}"
    if (found.champion_sha256, found.sha256) != (champion.tags[HASH_TAG], chosen.tags[HASH_TAG]):
        return f"the comparison on record does not say that it is of the files that were registered; {how}"
    since = [one for one in appointments[found.appointments :] if one.kind is Kind.ROLLBACK]
    if chosen.version in [one.before for one in since]:
        return f"it was rolled back after the comparison on record; {how}"
    return ""


def _how(chosen: Version) -> str:
    model = chosen.tags.get("lanewise.model", "MODEL")
    if CHALLENGER in chosen.aliases:
        return f"`lanewise compare DIR --model {model}` compares the challenger with the champion"
    return f"`lanewise compare DIR --model {model} --version {chosen.version}` compares it with the champion"


def _overridden(chosen: Version, objections: list[str], reason: str) -> list[str]:
    """What speaks against a promotion, which only a reason overrides."""
    if objections and not reason.strip():
        told = "".join(f"\n  {line}" for line in objections)
        raise LanewiseError(
            f"{chosen.name} {chosen.version} is not promoted:{told}\n--reason TEXT overrides that and is kept with it"
        )
    return objections


def _check_servable(registry: Registry, version: Version) -> None:
    """What goes into service must be what was registered, and must be able to serve."""
    registry.copy(version)
    if version.tags.get("lanewise.catalogue") != catalogue_hash():
        raise WrongModel(
            f"{version.name} {version.version} was trained with other feature definitions than this code has, so this "
            "code could not serve it. Have its own code, "
            f"{version.tags.get('lanewise.code_version', 'unknown')}, run this command over this home, and serve it"
        )


def _signed(registry: Registry, name: str, made: Appointment) -> tuple[str, ...]:
    """Have the model cards say who is champion; what went wrong with that, in words, undoes nothing."""
    told = (sign_card(registry, name, version) for version in (made.version, made.before) if version)
    return tuple(line for line in told if line)


def _ended(dropped: str, version: str) -> str:
    return (
        f"the update {dropped} is in service no longer: version {version} begins as it was trained, and "
        "`lanewise recalibrate DIR` has it follow what became known since"
    )
