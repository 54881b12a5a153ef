"""The line of champions follows from what is on record, whatever was interrupted in between."""

import json
from dataclasses import replace

import pytest

from domain.errors import LanewiseError
from store.succession import Appointment, Kind, line_of, next_tag, recorded


def promoted(version: str, before: str) -> Appointment:
    return Appointment(Kind.PROMOTION, version, before, "2024-05-01T00:00:00Z", "ann", "bob", 'she said "now" | <b>')


def back(version: str, before: str) -> Appointment:
    return Appointment(Kind.ROLLBACK, version, before, "2024-05-02T00:00:00Z", "cay")


FIRST = Appointment(Kind.BOOTSTRAP, "1", "", "2024-04-01T00:00:00Z", "bootstrap")


@pytest.mark.parametrize(
    ("line", "appointments", "champion"),
    [
        (("1",), [], "1"),
        (("1",), [FIRST], "1"),
        (("1", "2", "3"), [FIRST, promoted("2", "1"), promoted("3", "2")], "3"),
        (("1", "2"), [FIRST, promoted("2", "1"), promoted("3", "2"), back("2", "3")], "2"),
        (("1",), [FIRST, promoted("2", "1"), promoted("3", "2"), back("2", "3"), back("1", "2")], "1"),
        (("1", "4"), [FIRST, promoted("2", "1"), back("1", "2"), promoted("4", "1")], "4"),
        (("1", "2", "1"), [FIRST, promoted("2", "1"), promoted("1", "2")], "1"),
        (("1", "2"), [FIRST, promoted("2", "1"), promoted("2", "2")], "2"),
    ],
)
def test_a_promotion_adds_and_a_rollback_shortens(
    line: tuple[str, ...], appointments: list[Appointment], champion: str
) -> None:
    """Also for a version promoted a second time, and one promoted again to mend what is in service."""
    assert line_of(appointments, champion) == line


def test_a_promotion_killed_after_the_alias_is_in_the_line() -> None:
    """Alias on 2, nothing on record of it: 1 is before 2."""
    assert line_of([FIRST], "2") == ("1", "2")


def test_a_rollback_killed_before_the_alias_is_not() -> None:
    """On record as back at 2, the alias still on 3: the next rollback goes to 2, as the first should have."""
    assert line_of([FIRST, promoted("2", "1"), promoted("3", "2"), back("2", "3")], "3") == ("1", "2", "3")


def test_tags_give_back_every_appointment_in_order() -> None:
    """More than nine of them, texts with quotes; other tags are none."""
    made = [FIRST, *(promoted(str(k), str(k - 1)) for k in range(2, 13)), back("11", "12")]
    tags = {"owner": "ann"}
    for one in made:
        key, value = next_tag(tags, one)
        assert key not in tags
        tags[key] = value
    assert recorded(tags) == tuple(made)


def test_a_version_is_tagged_with_what_happened_to_it() -> None:
    """A rollback leaves who promoted it as it was."""
    assert back("2", "3").tags == {
        "rolled_back_by": "cay",
        "rolled_back_at": "2024-05-02T00:00:00Z",
        "rolled_back_from": "3",
        "rolled_back_reason": "",
    }
    assert promoted("2", "1").tags["promoted_from"] == "1"
    assert FIRST.tags["promoted_by"] == "bootstrap"


@pytest.mark.parametrize("people", [("ann", "ann"), ("ann", " ANN "), ("ann", ""), ("", "bob"), ("ann\u200b", "ann")])
def test_one_person_makes_no_promotion(people: tuple[str, str]) -> None:
    """Whoever asks for it, by whichever door."""
    with pytest.raises(LanewiseError):
        Appointment(Kind.PROMOTION, "2", "1", "2024-05-01T00:00:00Z", *people)


def test_a_rollback_names_whom_it_takes() -> None:
    """One person, in a name that can be seen, and a reason without controls."""
    with pytest.raises(LanewiseError, match="must name a person"):
        replace(back("1", "2"), by=" ")
    with pytest.raises(LanewiseError, match="--reason holds"):
        replace(back("1", "2"), reason="worse\x1b[2K")


def test_what_is_on_record_is_read_whoever_made_it() -> None:
    """An appointment by one person, as an earlier lanewise kept it, does not close the registry."""
    key, value = next_tag({}, promoted("2", "1"))
    (found,) = recorded({key: json.dumps(json.loads(value) | {"approved_by": "ann", "of_later": 1})})
    assert (found.by, found.approved_by) == ("ann", "ann")


def test_no_appointment_forges_a_line() -> None:
    """Lines of a reason are written out where it is told."""
    told = replace(promoted("2", "1"), reason="fresher\n2024-05-03: version 9", evidence="compared on 140 rows").words
    assert told.splitlines() == [told]
    assert r"; evidence: compared on 140 rows; reason: fresher\n2024-05-03: version 9" in told
