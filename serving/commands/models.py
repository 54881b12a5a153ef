"""``lanewise models`` and ``lanewise promote``: the registry, and promotion by two people."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import LanewiseError, WrongModel
from domain.moment import format_moment, parse_moment
from serving.commands.figures import HEADLINES, headlines
from serving.commands.opening import is_made, made_registry, registry_of
from serving.commands.options import Home, Json
from serving.commands.report import Report, aligned

if TYPE_CHECKING:
    from store.registry import Registry, Version

HEAD = ("name", "version", "alias", "trained until", "tested on", *HEADLINES.values())
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
    return [_document(version, registry.figures(version)) for version in registry.versions()]


def _document(version: "Version", figures: dict[str, float]) -> dict[str, Any]:
    tags = dict(version.tags)
    return {
        "name": version.name,
        "version": version.version,
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
    return [model["name"], model["version"], aliases, model["trained_until"], tested, *headlines(model["metrics"])]


def promote(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `lanewise models` lists it: flights.eta_risk.")],
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1)],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who promotes.")],
    approved_by: Annotated[str, typer.Option("--approved-by", metavar="WHO", help="Who agrees: another person.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the version.")] = "",
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Make a version the champion. It takes two people."""
    from store.lock import home_lock

    assert home is not None
    who = _two_people(by, approved_by)
    report, registry = Report(json_file), made_registry(home)
    with home_lock(home):
        chosen = registry.version(name, str(version))
        _check_copy(registry, chosen)
        registry.crown(name, chosen.version, who | {"reason": reason})
    said = f"{name}: version {version} is the champion, promoted by {by}, approved by {approved_by}"
    report.show(said, {"name": name, "version": chosen.version, **who, "reason": reason})


def _two_people(by: str, approved_by: str) -> dict[str, str]:
    people = {"promoted_by": by.strip(), "approved_by": approved_by.strip()}
    if not all(people.values()):
        raise LanewiseError("--by and --approved-by must each name a person")
    if people["promoted_by"].casefold() == people["approved_by"].casefold():
        raise LanewiseError(
            f"a promotion takes two people, but --by and --approved-by are both {people['promoted_by']!r}; "
            "nobody approves what they propose"
        )
    return people


def _check_copy(registry: "Registry", version: "Version") -> None:
    """What goes into service must be what was registered."""
    from store.current import copy_of, folder_hash

    folder = copy_of(registry.home, version.name, version.version)
    if folder_hash(folder) != version.tags.get("sha256"):
        raise WrongModel(
            f"the files of {version.name} {version.version} in {folder} were changed since they were registered; "
            "train the model again"
        )
