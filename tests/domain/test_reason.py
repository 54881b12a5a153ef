"""A reason may have lines, and is shown on one."""

import pytest

from domain.errors import LanewiseError
from domain.reason import MAX_REASON, one_line, reasoned


def test_lines_and_tabs_stand_in_a_reason() -> None:
    """As they were written, ends of lines in one form."""
    assert reasoned("worse at sea:\r\n\t+2 h — «très»") == "worse at sea:\n\t+2 h — «très»"


@pytest.mark.parametrize("control", ["\x1b", "\r", "\x00", "\x85", "\u2028", "\u202e", "\u2066"])
def test_controls_are_refused_in_a_reason(control: str) -> None:
    """Those that end lines, move the cursor, or turn the order of what is shown."""
    with pytest.raises(LanewiseError, match=r"--reason holds U\+"):
        reasoned(f"fresher{control}")


def test_a_reason_has_a_longest() -> None:
    """As long as every registry's database takes in."""
    assert len(reasoned("é" * MAX_REASON)) == MAX_REASON
    with pytest.raises(LanewiseError, match="may have 1,000 characters, but has 1,001"):
        reasoned("é" * (MAX_REASON + 1))


def test_a_text_is_shown_on_one_line() -> None:
    """What would break it, or cannot be seen, is written out."""
    assert one_line("a\nb\tc\x1bd\u200be — é") == r"a\nb\tc\x1bd\u200be — é"
