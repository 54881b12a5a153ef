"""People as commands are told of them: a name is a claim, but two spellings of one name are not two people."""

import unicodedata
from string import whitespace

from domain.errors import LanewiseError

MAX_NAME = 200
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of Unicode that nobody sees: controls, format characters, what is not assigned, ends of lines."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that are drawn as nothing (Unicode's Default_Ignorable_Code_Point, and Braille's blank)."""
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
"""Variation selectors, which are drawn as nothing, too."""


def named(option: str, text: str) -> str:
    """A person's name in one spelling: trimmed, compatibility forms composed (NFKC), each run of spaces a single one.

    Parameters
    ----------
    option
        Where it was given, for the message.

    Raises
    ------
    LanewiseError
        If it is empty, too long, or holds a character that cannot be seen.
    """
    for character in text.strip(whitespace):
        if _is_unseen(character):
            told = unicodedata.name(character, "a control character")
            raise LanewiseError(
                f"{option} holds U+{ord(character):04X} ({told}), which cannot be seen in a name; write it without"
            )
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 0 < len(name) <= MAX_NAME:
        raise LanewiseError(f"{option} must name a person, in at most {MAX_NAME} characters")
    return name


def two_people(by: str, approved_by: str) -> tuple[str, str]:
    """The names of whoever proposes and whoever agrees.

    Raises
    ------
    LanewiseError
        If either is no name, or both are one but for case, spaces or the form of letters.
    """
    people = named("--by", by), named("--approved-by", approved_by)
    if _folded(people[0]) == _folded(people[1]):
        raise LanewiseError(
            f"a promotion takes two people, but --by and --approved-by are both {people[0]!r}; "
            "nobody approves what they propose"
        )
    return people


def _is_unseen(character: str) -> bool:
    code = ord(character)
    return unicodedata.category(character) in UNSEEN or character in BLANK or any(code in one for one in SELECTORS)


def _folded(name: str) -> str:
    """Caseless, by Unicode's definition D146: what is alike for a reader who does not mind case."""
    return unicodedata.normalize("NFKC", name.casefold())
