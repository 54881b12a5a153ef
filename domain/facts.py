"""What identifies a fact in each canonical table, and when each half of it became known.

Two facts in one row have two times: ``known_at`` dates the first (planned, offered, raised),
``SecondHalf.known`` the second (the answer, the impact). Everything that is read is ordered by
(known_at, rank of the table, fact key); the order of :data:`FACTS` is the rank.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SecondHalf:
    """Columns of a row that become known later than the row itself.

    Attributes
    ----------
    columns
        What is unknown until then. ``blank`` is what stands in each column before.
    happened
        When it came about (UTC); ``None`` where the table records no such moment.
    known
        When it became known (UTC), by default ``happened``, never before it.
    """

    columns: tuple[str, ...]
    happened: str
    known: str
    blank: tuple[str | None, ...]


@dataclass(frozen=True)
class Fact:
    """One canonical table as a kind of fact.

    Attributes
    ----------
    table
        Name of the table.
    key
        Columns that identify the fact; the same key known later is a correction.
    known_default
        Column that ``known_at`` takes where it is absent, or ``None`` where it must be given
        (or, for reference tables, where the record counts as always known).
    timeless
        A reference table (carriers, sites, fleet) without ``known_at``.
    second
        The half of the row that becomes known later.
    """

    table: str
    key: tuple[str, ...]
    known_default: str | None = None
    timeless: bool = False
    second: SecondHalf | None = None


FACTS: dict[str, Fact] = {
    fact.table: fact
    for fact in (
        Fact("shipments", ("shipment_id",)),
        Fact(
            "tenders",
            ("tender_id",),
            known_default="offered_at",
            second=SecondHalf(
                ("outcome", "outcome_at", "reason_list", "reason"),
                "outcome_at",
                "outcome_known_at",
                ("open", None, None, None),
            ),
        ),
        Fact(
            "milestones",
            ("shipment_id", "code_list", "code", "stop"),
            known_default="occurred_at",
        ),
        Fact(
            "exceptions",
            ("exception_id",),
            known_default="raised_at",
            second=SecondHalf(
                ("impact", "resolved_at", "resolved_by"),
                "resolved_at",
                "resolved_known_at",
                (None, None, None),
            ),
        ),
        Fact("signals", ("place_id", "name", "observed_at"), known_default="observed_at"),
        Fact("carriers", ("carrier_id",), timeless=True),
        Fact("sites", ("site_id",), timeless=True),
        Fact(
            "rates",
            ("carrier_id", "origin_id", "destination_id", "equipment", "valid_from"),
            known_default="valid_from",
        ),
        Fact("capacity", ("resource_id", "from_at"), known_default="from_at"),
        Fact("fleet", ("unit_id",), timeless=True),
    )
}
"""Every canonical table by name, in rank order."""
