"""What a data set says about itself: name, currency, zone, country, cut-off, severity, costs, calibration's bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.codes import Severity
from domain.errors import BadManifest
from domain.moment import parse_moment

SIMPLE_KEYS = ("name", "currency", "timezone", "country", "late_after_min", "simulated")
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
"""The codes of ISO 3166-1 alpha-2."""


@dataclass(frozen=True)
class SeverityScale:
    """How a realised impact becomes a class.

    Attributes
    ----------
    impact_unit
        ``"min"`` or ``"money"``.
    thresholds
        Upper bounds of all classes but the last, inclusive and strictly ascending:
        minor ≤ t₁ < moderate ≤ t₂ < major ≤ t₃ < critical.
    """

    impact_unit: str = "min"
    thresholds: tuple[float, ...] = (30.0, 90.0, 240.0)

    def __post_init__(self) -> None:
        if self.impact_unit not in ("min", "money"):
            raise BadManifest(f'[severity] impact_unit must be "min" or "money", but is {self.impact_unit!r}')
        wanted = len(Severity) - 1
        ascending = all(a < b for a, b in zip(self.thresholds, self.thresholds[1:], strict=False))
        if len(self.thresholds) != wanted or not ascending:
            raise BadManifest(
                f"[severity] thresholds must be {wanted} ascending numbers, but are {list(self.thresholds)}"
            )


@dataclass(frozen=True)
class Costs:
    """What a plan prices with; ``None`` means "not said here, take the settings' default".

    Attributes
    ----------
    handling_per_min
        Money for a minute of a planner's work.
    late_per_min
        Money for a minute of lateness beyond ``late_after_min``, where a shipment names no penalty.
    per_impact_unit
        Money for one unit of an exception's impact (a minute, or 1 where impact is money).
    notify
        Money for one notification of a customer.
    expedite_share
        Premium as a share of the freight price.
    expedite
        Premium in money where no freight price is known.
    escalate_min
        Minutes of a person's time that an escalation takes.
    """

    handling_per_min: float | None = None
    late_per_min: float | None = None
    per_impact_unit: float | None = None
    notify: float | None = None
    expedite_share: float | None = None
    expedite: float | None = None
    escalate_min: float | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None and not (_is_number(value) and value >= 0):
                raise BadManifest(f"[costs] {item.name} must be a number of 0 or more, but is {value!r}")


@dataclass(frozen=True)
class CalibrationBounds:
    """Within which a calibrator is updated as outcomes come in, without a person.

    Attributes
    ----------
    largest_shift
        Log-odds by which an update may differ from the model as trained, either way; 2 turns 4 % into 24 %.
        Each bend, and levels of a delay's intervals in the middle nine tenths, likewise.
    largest_slope
        Part by which an update may spread log-odds around where they usually lie, or draw them together.
    fewest_outcomes
        Subjects whose outcome became known since training, below which nothing is updated.
    """

    largest_shift: float = 2.0
    fewest_outcomes: float = 100
    largest_slope: float = 0.5

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not (_is_number(value) and value > 0):
                raise BadManifest(f"[calibration] {item.name} must be a number above 0, but is {value!r}")


@dataclass(frozen=True)
class Manifest:
    """The part of a manifest that describes the data, the same before and after import.

    Attributes
    ----------
    name
        Name of the data set; prefixes its models in the registry.
    currency
        ISO 4217 code of the one currency of all money.
    timezone
        IANA zone of timestamps that carry none.
    country
        ISO 3166-1 alpha-2 code of the country whose public holidays count; ``None`` for none.
    cut_off
        UTC moment after which nothing counts as known; ``None`` until an import derives it.
    late_after_min
        Minutes after plan from which a delivery is late, where a shipment names none.
    simulated
        Nothing in it ever happened; whatever is reported of it says so.
    """

    name: str
    currency: str = "USD"
    timezone: str = "UTC"
    country: str | None = None
    cut_off: datetime | None = None
    late_after_min: float = 0.0
    severity: SeverityScale = field(default_factory=SeverityScale)
    costs: Costs = field(default_factory=Costs)
    calibration: CalibrationBounds = field(default_factory=CalibrationBounds)
    simulated: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.simulated, bool):
            raise BadManifest(f"simulated must be true or false, but is {self.simulated!r}")
        if not isinstance(self.name, str) or not NAME_PATTERN.fullmatch(self.name):
            raise BadManifest(
                "name must be 1 to 64 letters, digits, '-' or '_', starting with a letter or digit, "
                f"but is {self.name!r}"
            )
        if not isinstance(self.currency, str) or not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise BadManifest(f'currency must be an ISO 4217 code such as "USD", but is {self.currency!r}')
        if self.country is not None and self.country not in COUNTRIES.split():
            raise BadManifest(f'country must be an ISO 3166 code of two letters such as "US", but is {self.country!r}')
        if not _is_number(self.late_after_min):
            raise BadManifest(f"late_after_min must be a number of minutes, but is {self.late_after_min!r}")
        _zone(self.timezone)

    @property
    def title(self) -> str:
        """The name, and whether it is simulated."""
        return self.labelled(self.name)

    def labelled(self, text: str) -> str:
        """What is said of this data, marked where the data is simulated."""
        return f"{text} (simulated)" if self.simulated else text

    @property
    def zone(self) -> ZoneInfo:
        """The zone of timestamps that carry none."""
        return _zone(self.timezone)


def read_manifest(document: Mapping[str, Any]) -> Manifest:
    """Build a manifest from a parsed TOML or JSON document, ignoring keys of the importer's own.

    Raises
    ------
    BadManifest
        If ``name`` is missing, a value is of the wrong kind, or a key of a section is unknown.
    """
    if "name" not in document:
        raise BadManifest('a manifest needs a name, such as name = "flights"')
    simple = {key: document[key] for key in SIMPLE_KEYS if key in document}
    zone = _zone(simple.get("timezone", "UTC"))
    return Manifest(
        **simple,
        cut_off=_cut_off(document.get("cut_off"), zone),
        severity=_severity(_section(document, "severity", SeverityScale)),
        costs=Costs(**_section(document, "costs", Costs)),
        calibration=CalibrationBounds(**_section(document, "calibration", CalibrationBounds)),
    )


def _section(document: Mapping[str, Any], name: str, kind: type) -> dict[str, Any]:
    section = document.get(name, {})
    known = {item.name for item in fields(kind)}
    if not isinstance(section, Mapping):
        raise BadManifest(f"[{name}] must be a table of keys, but is {section!r}")
    unknown = sorted(set(section) - known)
    if unknown:
        raise BadManifest(f"[{name}] has the unknown key {unknown[0]!r}; it may hold {', '.join(sorted(known))}")
    return dict(section)


def _severity(section: dict[str, Any]) -> SeverityScale:
    if "thresholds" in section:
        thresholds = section["thresholds"]
        if not isinstance(thresholds, list | tuple) or not all(map(_is_number, thresholds)):
            raise BadManifest(f"[severity] thresholds must be a list of numbers, but is {thresholds!r}")
        section["thresholds"] = tuple(float(value) for value in thresholds)
    return SeverityScale(**section)


def _cut_off(value: object, zone: ZoneInfo) -> datetime | None:
    """A cut-off without a zone is local to the data set, as its timestamps are."""
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise BadManifest(f"cut_off must be a time in ISO 8601, but is {value!r}") from None
    if not isinstance(value, datetime):
        raise BadManifest(f"cut_off must be a time in ISO 8601, but is {value!r}")
    return parse_moment((value if value.tzinfo else value.replace(tzinfo=zone)).isoformat())


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadManifest(f'timezone must be an IANA zone such as "America/New_York", but is {name!r}') from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
