"""What a manifest may say, and what is told to one who says otherwise."""

import tomllib
from datetime import UTC, datetime

import pytest
import pytz

from domain.errors import BadManifest
from domain.manifest import COUNTRIES, Costs, Manifest, SeverityScale, read_manifest


def test_a_name_is_enough():
    """Everything else has a default."""
    found = read_manifest({"name": "small"})
    assert found == Manifest("small")
    assert (found.currency, found.timezone, found.cut_off, found.late_after_min) == ("USD", "UTC", None, 0.0)
    assert found.country is None
    assert found.severity.thresholds == (30.0, 90.0, 240.0)
    assert found.costs == Costs()


def test_everything_that_can_be_said():
    """The example of the domain, the importer's own keys left alone."""
    text = """
name = "flights"
currency = "EUR"
timezone = "America/New_York"
country = "US"
cut_off = "2014-01-01"
late_after_min = 15
[severity]
impact_unit = "money"
thresholds = [10, 20, 30]
[costs]
late_per_min = 4.0
notify = 1
[sources]
anything = "goes"
"""
    found = read_manifest(tomllib.loads(text))
    assert found.cut_off == datetime(2014, 1, 1, 5, tzinfo=UTC)
    assert found.severity == SeverityScale("money", (10.0, 20.0, 30.0))
    assert found.costs == Costs(late_per_min=4.0, notify=1)
    assert found.zone.key == "America/New_York"
    assert found.country == "US"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ('"2014-07-01T00:00:00Z"', datetime(2014, 7, 1, tzinfo=UTC)),
        ("2014-07-01", datetime(2014, 7, 1, 4, tzinfo=UTC)),
        ("2014-07-01T06:00:00", datetime(2014, 7, 1, 10, tzinfo=UTC)),
        ("2014-07-01T06:00:00+02:00", datetime(2014, 7, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_cut_off_without_a_zone_is_local(said, moment):
    """As the data's timestamps are; one with a zone keeps it."""
    document = tomllib.loads(f'name = "a"\ntimezone = "America/New_York"\ncut_off = {said}')
    assert read_manifest(document).cut_off == moment


BAD = [
    ({}, "needs a name"),
    ({"name": ""}, "1 to 64 letters"),
    ({"name": "a b"}, "is 'a b'"),
    ({"name": "-a"}, "starting with a letter or digit"),
    ({"name": "a" * 65}, "1 to 64"),
    ({"name": 3}, "is 3"),
    ({"name": "../a"}, "is '../a'"),
    ({"name": "a", "currency": "usd"}, "ISO 4217"),
    ({"name": "a", "currency": 1}, "ISO 4217"),
    ({"name": "a", "timezone": "Mars/Olympus"}, "IANA zone"),
    ({"name": "a", "timezone": 5}, "IANA zone"),
    ({"name": "a", "timezone": "../etc/passwd"}, "IANA zone"),
    ({"name": "a", "country": "us"}, "country must be an ISO 3166 code of two letters .*is 'us'"),
    ({"name": "a", "country": "UK"}, "is 'UK'"),
    ({"name": "a", "country": "USA"}, "is 'USA'"),
    ({"name": "a", "country": ""}, "is ''"),
    ({"name": "a", "country": ["US"]}, r"is \['US'\]"),
    ({"name": "a", "late_after_min": "15"}, "late_after_min must be a number"),
    ({"name": "a", "late_after_min": True}, "late_after_min must be a number"),
    ({"name": "a", "late_after_min": float("nan")}, "late_after_min must be a number"),
    ({"name": "a", "cut_off": "soon"}, "ISO 8601.*'soon'"),
    ({"name": "a", "cut_off": 2014}, "ISO 8601.*2014"),
    ({"name": "a", "severity": 3}, r"\[severity\] must be a table"),
    (
        {"name": "a", "severity": {"threshold": [1, 2, 3]}},
        r"unknown key 'threshold'; it may hold impact_unit, thresholds",
    ),
    ({"name": "a", "severity": {"thresholds": [1, 2]}}, "3 ascending numbers"),
    ({"name": "a", "severity": {"thresholds": [1, 3, 2]}}, "3 ascending numbers"),
    ({"name": "a", "severity": {"thresholds": [1, 1, 2]}}, "3 ascending numbers"),
    ({"name": "a", "severity": {"thresholds": "1,2,3"}}, "list of numbers"),
    ({"name": "a", "severity": {"thresholds": [1, "2", 3]}}, "list of numbers"),
    ({"name": "a", "severity": {"impact_unit": "hours"}}, "'hours'"),
    ({"name": "a", "costs": []}, r"\[costs\] must be a table"),
    ({"name": "a", "costs": {"late": 1}}, "unknown key 'late'"),
    ({"name": "a", "costs": {"notify": -1}}, "notify must be a number of 0 or more, but is -1"),
    ({"name": "a", "costs": {"notify": "1"}}, "notify must be a number"),
    ({"name": "a", "costs": {"notify": True}}, "notify must be a number"),
]


@pytest.mark.parametrize(("document", "told"), BAD)
def test_a_wrong_value_is_told(document, told):
    """What was expected, and what came."""
    with pytest.raises(BadManifest, match=told):
        read_manifest(document)


def test_a_country_is_one_of_iso_3166():
    """The 249 codes are those that come with the time zones."""
    assert COUNTRIES.split() == sorted(pytz.country_names)


@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
def test_an_infinite_tolerance_is_refused(value):
    """late_after_min = inf is no number of minutes."""
    with pytest.raises(BadManifest):
        read_manifest({"name": "a", "late_after_min": value})


def test_reading_does_not_change_what_is_read():
    """The document stays as it was."""
    document = {"name": "a", "severity": {"thresholds": [1, 2, 3]}}
    read_manifest(document)
    assert document == {"name": "a", "severity": {"thresholds": [1, 2, 3]}}


def test_what_is_simulated_says_so():
    """Whatever names the data set says that nothing of it happened."""
    assert read_manifest({"name": "network", "simulated": True}).title == "network (simulated)"
    assert Manifest("flights").title == "flights"
    with pytest.raises(BadManifest, match="simulated must be true or false, but is 'yes'"):
        read_manifest({"name": "network", "simulated": "yes"})
