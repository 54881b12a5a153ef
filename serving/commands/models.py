"""``lanewise models``, ``promote`` and ``rollback``: the registry, promotion by two people, and the way back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.moment import format_moment, format_second, parse_moment
from domain.person import named, two_people
from domain.reason import reasoned
from serving.commands.figures import HEADLINES, headlines
from serving.commands.opening import is_made, made_registry, registry_of
from serving.commands.options import Home, Json, registered_version
from serving.commands.report import Report, aligned

if TYPE_CHECKING:
    from store.registry import Registry, Version

HEAD = ("name", "version", "alias", "trained until", "tested on", *HEADLINES.values())
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

    Refused without an improvement over the champion that `lanewise compare` has shown of these very files, with a slice
    that it found significantly worse, or after a rollback since, unless --reason says why; what was overridden is kept,
    and on which rows of which data the comparison rests. The version begins as it was
    trained: an update of the champion before ends, which is said and logged. A service that runs takes it up with the
    next questions.
    """
    from store.lock import home_lock

    assert home is not None
    people, why = two_people(by, approved_by), reasoned(reason)
    report, registry = Report(json_file), made_registry(home)
    from training import promotion

    with home_lock(home):
        done = promotion.promote(registry, name, version, *people, _now(), why)
    report.show("\n".join(done.lines()), done.as_json())


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
    who, why = named("--by", by), reasoned(reason)
    report, registry = Report(json_file), made_registry(home)
    from training import promotion

    with home_lock(home):
        done = promotion.roll_back(registry, name, who, _now(), why)
    report.show("\n".join(done.lines()), done.as_json())


def _now() -> str:
    return format_second(datetime.now(UTC))
