"""Which family a column belongs to, and what the catalogue says of it."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from features.catalogue import FAMILIES
from features.family import Description, Feature

OTHER = "other"
WORD = "~"
"""Between a text's column and the word that was found in it."""


def catalogue_by_family() -> dict[str, list[Description]]:
    """Lines of the catalogue by family, which is called as its file."""
    found: dict[str, list[Description]] = {}
    for family in FAMILIES:
        written = family.compute if isinstance(family, Feature) else type(family)
        found.setdefault(written.__module__.rpartition(".")[2], []).extend(family.descriptions)
    return found


def columns_by_family(columns: Iterable[str]) -> dict[str, list[str]]:
    """A frame's columns by family, in the catalogue's order; a word's column counts for the text it was found in."""
    known = _lines()
    made: dict[str, list[str]] = {family: [] for family in [*catalogue_by_family(), OTHER]}
    for column in columns:
        line = _line_of(column.partition(WORD)[0], known)
        made[line[0] if line else OTHER].append(column)
    return {family: found for family, found in made.items() if found}


def described(columns: Iterable[str]) -> list[Description]:
    """What the catalogue says of each column, under the column's own name; where it says nothing, the name only."""
    known = _lines()
    return [_described(column, known) for column in columns]


def _described(column: str, known: list[tuple[str, Description]]) -> Description:
    name, is_word, word = column.partition(WORD)
    line = _line_of(name, known)
    if is_word:
        return Description(column, "0/1", f"whether {name} has the word {word}", (name,))
    if line is None:
        return Description(column, "", column, (column,))
    said = line[1]
    return Description(column, said.unit, said.meaning, said.inputs, said.entity, said.half_life_days)


def _lines() -> list[tuple[str, Description]]:
    return [(family, line) for family, lines in catalogue_by_family().items() for line in lines]


def _line_of(column: str, known: list[tuple[str, Description]]) -> tuple[str, Description] | None:
    """Family and line of the longest name that fits."""
    fitting = [pair for pair in known if column == pair[1].name or fnmatchcase(column, pair[1].name)]
    return max(fitting, key=lambda pair: (len(pair[1].name), pair[0]), default=None)
