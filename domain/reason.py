"""Reasons in a person's own words, as they are kept and as they are shown on one line."""

import unicodedata

from domain.errors import LanewiseError

MAX_REASON = 1_000
"""Characters of a reason that every registry's database takes in."""
LAYOUT = frozenset("\n\t")
TURNING = frozenset({"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"})
"""Bidirectional classes of Unicode that reorder what is shown."""


def reasoned(text: str) -> str:
    """A reason as it is kept; lines and tabs may stand in it.

    Raises
    ------
    LanewiseError
        If it is too long, or holds a control character or one that reorders what is shown.
    """
    reason = text.replace("\r\n", "\n")
    if len(reason) > MAX_REASON:
        raise LanewiseError(f"--reason may have {MAX_REASON:,} characters, but has {len(reason):,}")
    for character in reason:
        if character not in LAYOUT and _is_control(character):
            raise LanewiseError(
                f"--reason holds U+{ord(character):04X}, a control character; write it with letters, lines and tabs"
            )
    return reason


def one_line(text: str) -> str:
    r"""A text on one line: what would break it, or cannot be seen, is written as in ``\n``."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or (
        unicodedata.bidirectional(character) in TURNING
    )
