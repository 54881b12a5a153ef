"""Which family a column belongs to."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from features.catalogue import FAMILIES
from features.family import Description, Feature

OTHER = "other"


def catalogue_by_family() -> dict[str, list[Description]]:
    """Lines of the catalogue by family, which is called as its file."""
    found: dict[str, list[Description]] = {}
    for family in FAMILIES:
        written = family.compute if isinstance(family, Feature) else type(family)
        found.setdefault(written.__module__.rpartition(".")[2], []).extend(family.descriptions)
    return found


def columns_by_family(columns: Iterable[str]) -> dict[str, list[str]]:
    """A frame's columns by family, in the catalogue's order; a word's column counts for the text it was found in."""
    known = [(line.name, family) for family, lines in catalogue_by_family().items() for line in lines]
    made: dict[str, list[str]] = {family: [] for family in [*catalogue_by_family(), OTHER]}
    for column in columns:
        made[_family_of(column.partition("~")[0], known)].append(column)
    return {family: found for family, found in made.items() if found}


def _family_of(column: str, known: list[tuple[str, str]]) -> str:
    """The family of the longest line that fits."""
    fitting = [(len(name), family) for name, family in known if column == name or fnmatchcase(column, name)]
    return max(fitting, default=(0, OTHER))[1]
