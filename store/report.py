"""What an import did, table by table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.moment import format_moment


@dataclass(frozen=True)
class TableReport:
    """One table: rows read = kept + collapsed + quarantined.

    Attributes
    ----------
    read, kept
        Rows that the query gave, and those in the data set.
    collapsed
        Identical rows left out.
    corrections
        Kept rows that correct an earlier one.
    outcomes_after_cut_off
        Outcomes blanked because they were not known yet at the cut-off.
    outcomes_untimed
        Outcomes without a time, which count as known at the cut-off.
    quarantined
        Rows set aside, by rule.
    """

    table: str
    read: int
    kept: int
    collapsed: int
    corrections: int
    outcomes_after_cut_off: int
    outcomes_untimed: int
    quarantined: Mapping[str, int]

    def lines(self) -> list[str]:
        """The table in lines of text."""
        told = {
            "identical rows collapsed": self.collapsed,
            "corrections": self.corrections,
            "outcomes after the cut-off, not yet known": self.outcomes_after_cut_off,
            "outcomes without a time, known at the cut-off": self.outcomes_untimed,
            "to quarantine": sum(self.quarantined.values()),
        }
        parts = [f"{count:,} {what}" for what, count in told.items() if count]
        head = f"{self.table}: {self.kept:,} of {self.read:,} rows kept"
        return [", ".join([head, *parts]), *(f"  {count:,} × {rule}" for rule, count in self.quarantined.items())]


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    name, cut_off, fingerprint
        The data set's name, its cut-off and the fingerprint of what was written.
    tables
        In rank order; those without a query are not there.
    """

    name: str
    cut_off: datetime
    fingerprint: str
    tables: tuple[TableReport, ...]

    @property
    def quarantined(self) -> int:
        """Rows set aside in all tables."""
        return sum(sum(table.quarantined.values()) for table in self.tables)

    def summary(self) -> str:
        """The report as text, one line a table and one a broken rule."""
        lines = [f"{self.name}: known until {format_moment(self.cut_off)}"]
        for table in self.tables:
            lines += table.lines()
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The report as a document for ``--json``."""
        return {
            "name": self.name,
            "cut_off": format_moment(self.cut_off),
            "fingerprint": self.fingerprint,
            "tables": {table.table: {k: v for k, v in asdict(table).items() if k != "table"} for table in self.tables},
        }
