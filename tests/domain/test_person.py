"""One person under two spellings is one person, and a name shows all that it is."""

import unicodedata

import pytest

from domain.errors import LanewiseError
from domain.person import MAX_NAME, named, two_people

ALIKE = {
    "case": ("ann", "ANN"),
    "spaces around": ("ann", " ann "),
    "spaces within": ("Ann Lee", "Ann   Lee"),
    "a space that does not break": ("Ann Lee", "Ann\u00a0Lee"),
    "full width": ("Ann", "\uff21nn"),
    "an accent of its own": (unicodedata.normalize("NFC", "José"), unicodedata.normalize("NFD", "José")),
    "sharp s": ("Strauß", "STRAUSS"),
}
UNSEEN = {
    "zero width space": "ann\u200b",
    "soft hyphen": "ann\u00ad",
    "joiner": "ann\u200d",
    "new line": "bob\nsmall.severity: version 9 is the champion",
    "tab": "ann\tlee",
    "null": "ann\x00",
    "escape": "ann\x1b[0m",
    "right to left override": "ann\u202e",
    "line separator": "ann\u2028",
    "Hangul filler": "ann\u3164",
    "variation selector": "ann\ufe0f",
}


@pytest.mark.parametrize("how", ALIKE)
def test_one_person_in_two_spellings_cannot_approve(how: str) -> None:
    """The message says whom both options name."""
    with pytest.raises(LanewiseError, match="takes two people, but --by and --approved-by are both"):
        two_people(*ALIKE[how])


@pytest.mark.parametrize("how", UNSEEN)
def test_what_cannot_be_seen_is_refused_in_a_name(how: str) -> None:
    """By its number; nothing of the name forges a line of the message."""
    with pytest.raises(LanewiseError, match=r"--approved-by holds U\+[0-9A-F]{4} \(.+\), which cannot be seen") as told:
        two_people("ann", UNSEEN[how])
    assert str(told.value).isprintable()


def test_two_people_are_two_people() -> None:
    """In one spelling each."""
    assert two_people(" Ann  Lee ", "jos\u0065\u0301") == ("Ann Lee", "jos\u00e9")


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_NAME + 1)])
def test_nobody_is_no_person(text: str) -> None:
    """Nor is a text without an end."""
    with pytest.raises(LanewiseError, match="--by must name a person"):
        named("--by", text)
