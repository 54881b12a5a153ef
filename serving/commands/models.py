"""``lanewise models``, ``promote`` and ``rollback``: the registry, promotion by two people, and the way back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import LanewiseError, WrongModel
from domain.moment import format_moment, format_second, parse_moment
from serving.commands.figures import HEADLINES, headlines
from serving.commands.opening import is_made, made_registry, registry_of
from serving.commands.options import Home, Json, registered_version
from serving.commands.report import Report, aligned
from store.succession import Appointment, Kind

if TYPE_CHECKING:
    from store.registry import Registry, Version

HEAD = ("name", "version", "alias", "trained until", "tested on", *HEADLINES.values())
MAX_REASON = 1_000
"""Characters of a reason that every registry's database takes in."""
MAX_TOLD = 2_000
MAX_NAME = 200
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `lanewise models` lists it: flights.eta_risk.")]
NONE_YET = "no model is registered here; `lanewise train DIR` makes some"


def models(home: Home = None, json_file: Json = None) -> None:
    """List registered models: versions, aliases, and their figures on later data."""
    from store.current import disagreements

    assert home is not None
    report, registry = Report(json_file), registry_of(home)
    listed = _listed(registry) if is_made(registry) else []
    odd = disagreements(home, registry.uri)
    text = aligned(HEAD, map(_row, listed)) if listed else NONE_YET
    report.show("\n".join([text, *odd]), {"models": listed, "disagreements": odd})


def _listed(registry: "Registry") -> list[dict[str, Any]]:
    from store.current import in_service
    from store.updates import label

    updates = {
        (name, current.version): label(current.version, current.update)
        for name, current in in_service(registry.home).items()
        if current.update
    }
    return [
        _document(version, registry.figures(version), updates.get((version.name, version.version), ""))
        for version in registry.versions()
    ]


def _document(version: "Version", figures: dict[str, float], update: str) -> dict[str, Any]:
    tags = dict(version.tags)
    return {
        "name": version.name,
        "version": version.version,
        "update": update,
        "aliases": list(version.aliases),
        "trained_until": format_moment(parse_moment(tags["lanewise.trained_until"])),
        "test_rows": int(tags["lanewise.test_rows"]),
        "run_id": version.run_id,
        "tags": tags,
        "metrics": figures,
    }


def _row(model: dict[str, Any]) -> list[str]:
    aliases = ", ".join(model["aliases"])
    tested = f"{model['test_rows']:,}"
    return [
        model["name"],
        model["update"] or model["version"],
        aliases,
        model["trained_until"],
        tested,
        *headlines(model["metrics"]),
    ]


def promote(
    name: Name,
    version: Annotated[str, typer.Argument(metavar="VERSION", parser=registered_version, help="Such as 3.")],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who promotes.")],
    approved_by: Annotated[str, typer.Option("--approved-by", metavar="WHO", help="Who agrees: another person.")],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="Why; kept with the version. Overrides what speaks against it."),
    ] = "",
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Make a version the champion. It takes two people.

    Refused without an improvement over the champion that `lanewise compare` has shown, or with a slice that it found
    significantly worse, unless --reason says why; what was overridden is kept, too. The version begins as it was
    trained: an update of the champion before ends, which is said and logged. A service that runs takes it up with the
    next questions.
    """
    from store.lock import home_lock

    assert home is not None
    who = _two_people(by, approved_by)
    report, registry = Report(json_file), made_registry(home)
    with home_lock(home):
        chosen = registry.version(name, version)
        _check_copy(registry, chosen)
        before = registry.champion(name)
        overridden = _overridden(chosen, before, _short(reason))
        despite = "; ".join(overridden)[:MAX_TOLD]
        appointed = Appointment(Kind.PROMOTION, chosen.version, before, _now(), *who, reason, despite)
        dropped = registry.crown(name, appointed)
        cards = _sign_cards(registry, name, appointed)
    said = f"{name}: version {version} is the champion, promoted by {who[0]}, approved by {who[1]}"
    told = [said, *(f"overridden, for the reason given: {line}" for line in overridden)]
    told += [*_ended(dropped, chosen.version), *cards]
    people = {"promoted_by": who[0], "approved_by": who[1]}
    figures = {"name": name, "version": chosen.version, "before": before, **people, "reason": reason}
    report.show("\n".join(told), {**figures, "overridden": despite, "dropped": dropped})


def rollback(
    name: Name,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who rolls back; one person is enough.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the version.")] = "",
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Make the champion before the present one champion again.

    A second rollback goes one further back, to the champion before that; it never returns to the version that was
    left, and like a promotion begins without an update. Refused where no earlier champion is on record. A service that
    runs takes it up with the next questions.
    """
    from store.lock import home_lock

    assert home is not None
    who = _person("--by", by)
    report, registry = Report(json_file), made_registry(home)
    with home_lock(home):
        earlier = registry.before(name)
        left = registry.champion(name)
        _check_in_service(registry, name, left)
        _check_copy(registry, earlier)
        appointed = Appointment(Kind.ROLLBACK, earlier.version, left, _now(), who, reason=_short(reason))
        dropped = registry.crown(name, appointed)
        cards = _sign_cards(registry, name, appointed)
    said = f"{name}: version {earlier.version} is the champion again instead of {left}, rolled back by {who}"
    figures = {"name": name, "version": earlier.version, "before": left, "rolled_back_by": who, "reason": reason}
    report.show("\n".join([said, *_ended(dropped, earlier.version), *cards]), {**figures, "dropped": dropped})


def _ended(dropped: str, version: str) -> list[str]:
    """That an update is in service no longer; nothing where there was none."""
    if not dropped:
        return []
    return [
        f"the update {dropped} is in service no longer: version {version} begins as it was trained, and "
        "`lanewise recalibrate DIR` has it follow what became known since"
    ]


def _two_people(by: str, approved_by: str) -> tuple[str, str]:
    people = (_person("--by", by), _person("--approved-by", approved_by))
    if people[0].casefold() == people[1].casefold():
        raise LanewiseError(
            f"a promotion takes two people, but --by and --approved-by are both {people[0]!r}; "
            "nobody approves what they propose"
        )
    return people


def _person(option: str, name: str) -> str:
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise LanewiseError(f"{option} must name a person, in at most {MAX_NAME} characters")
    return name.strip()


def _short(reason: str) -> str:
    if len(reason) > MAX_REASON:
        raise LanewiseError(f"--reason may have {MAX_REASON:,} characters, but has {len(reason):,}")
    return reason


def _now() -> str:
    return format_second(datetime.now(UTC))


def _overridden(chosen: "Version", champion: str, reason: str) -> list[str]:
    """What speaks against a promotion and is overridden by a reason, a line each; nothing where nothing does."""
    from training.evidence import objections_to

    objections = objections_to(chosen.version, chosen.tags, champion) if champion else []
    if objections and not reason.strip():
        told = "".join(f"\n  {line}" for line in objections)
        raise LanewiseError(
            f"{chosen.name} {chosen.version} is not promoted:{told}\n--reason TEXT overrides that and is kept with it"
        )
    return objections


def _check_in_service(registry: "Registry", name: str, champion: str) -> None:
    """A rollback starts from what is in service; where that is not the champion, nobody could say what is earlier."""
    from store.current import in_service

    current = in_service(registry.home).get(name)
    serving = current.version if current else "none"
    if serving != champion:
        raise LanewiseError(
            f"{name}: version {serving} is in service, but the registry's champion is {champion}; "
            f"`lanewise promote {name} {champion}` mends it, then roll back"
        )


def _check_copy(registry: "Registry", version: "Version") -> None:
    """What goes into service must be what was registered, and must be able to serve."""
    from features.frame import catalogue_hash
    from store.current import copy_of, folder_hash

    folder = copy_of(registry.home, version.name, version.version)
    if folder_hash(folder) != version.tags.get("sha256"):
        raise WrongModel(
            f"the files of {version.name} {version.version} in {folder} were changed since they were registered; "
            "train the model again"
        )
    if version.tags.get("lanewise.catalogue") != catalogue_hash():
        raise WrongModel(
            f"{version.name} {version.version} was trained with other feature definitions than this code has, so this "
            "code could not serve it. Have its own code, "
            f"{version.tags.get('lanewise.code_version', 'unknown')}, run this command over this home, and serve it"
        )


def _sign_cards(registry: "Registry", name: str, appointed: Appointment) -> list[str]:
    """Have the model cards say who is champion; what went wrong with that, in words, undoes nothing."""
    from training.signing import sign_card

    told = (sign_card(registry, name, version) for version in (appointed.version, appointed.before) if version)
    return [line for line in told if line]
