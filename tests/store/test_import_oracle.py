"""An independent reading of the rules, row by row in plain Python, agrees with the import on random tables."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.errors import BadTable
from tests.store.making import quarantine, run

ZONE = ZoneInfo("Europe/Berlin")
CUT_OFF = datetime(2020, 12, 1, tzinfo=ZONE).astimezone(UTC)
MANIFEST = 'timezone = "Europe/Berlin"\ncut_off = "2020-12-01"'
COLUMNS = ("tender_id", "offered_at", "known_at", "outcome", "outcome_at", "outcome_known_at", "price")
DAYS = ["2020-02-01 10:00", "2020-02-01 09:00:00Z", "2020-02-02", "2020-06-01 12:00"]
ODD = ["2020-03-29 02:30", "2020-10-25 02:30", "2020-12-24 20:00", "soon", " "]
# Mostly good cells: a row has seven, and rows that are kept are what tells rules apart.
TIMES = st.sampled_from([None, *DAYS] * 6 + ODD)
OFFERS = st.sampled_from(DAYS * 8 + [*ODD, None])
ROW = st.tuples(
    st.sampled_from(list("aabcdef") * 3 + [None]),
    OFFERS,
    TIMES,
    st.sampled_from(["accepted", "rejected", "open"] * 8 + ["lost", None]),
    TIMES,
    TIMES,
    st.sampled_from([None, "5", "5.0"] * 8 + ["0", "-1", "free"]),
)
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Read:
    """One row as the rules read it."""

    tender: str
    known: datetime
    content: tuple[object, ...]

    @property
    def seen(self) -> tuple[object, ...]:
        """Content at the cut-off: outcome, when it happened, when it was known; offer and price stay."""
        offered, outcome, happened, second, price = self.content
        if outcome == "open" and happened is None:
            return (offered, outcome, None, None, price)
        if second is None:
            return (offered, outcome, None, CUT_OFF, price)
        if second > CUT_OFF:  # type: ignore[operator]
            return (offered, "open", None, None, price)
        return self.content


class Bad(Exception):
    """The row breaks a rule."""


def moment(text: str | None) -> datetime | None:
    """A time by the standard library's own account of clocks."""
    if text is None or not text.strip():
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Bad from None
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    first, second = (read.replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise Bad
    return first


def read_row(row: Row) -> Read:
    """The row, or Bad."""
    tender, offered_text, known_text, outcome, happened_text, second_text, price_text = row
    times = [moment(text) for text in (offered_text, known_text, happened_text, second_text)]
    offered, known, happened, second = times
    if price_text == "free" or price_text == "-1":
        raise Bad
    if tender is None or offered is None or outcome not in ("accepted", "rejected", "open"):
        raise Bad
    if happened and second and second < happened:
        raise Bad
    known = known or offered
    price = None if price_text is None else float(price_text)
    blank = outcome == "open" and happened is None
    second = None if blank else second or happened
    second = max(second, known) if second else None
    return Read(tender, known, (offered, outcome, happened, second, price))


def expected(rows: list[Row]) -> tuple[list[Row], list[Read], int]:
    """Rows to set aside, rows kept, and how many collapsed."""
    aside: list[Row] = []
    groups: dict[tuple[str, datetime], list[tuple[Row, Read]]] = {}
    for row in rows:
        try:
            read = read_row(row)
        except Bad:
            aside.append(row)
            continue
        groups.setdefault((read.tender, read.known), []).append((row, read))
    kept, collapsed = [], 0
    for (_, known), group in groups.items():
        if len({read.content for _, read in group}) > 1 or known > CUT_OFF:
            contradicts = len({read.content for _, read in group}) > 1
            aside += [row for row, _ in (group if contradicts else group[:1])]
            collapsed += 0 if contradicts else len(group) - 1
        else:
            kept.append(group[0][1])
            collapsed += len(group) - 1
    return aside, kept, collapsed


def as_sql(rows: list[Row]) -> str:
    """The rows as a query of text columns."""
    literal = {None: "NULL::VARCHAR"}
    values = ", ".join("(" + ", ".join(literal.get(cell, f"'{cell}'::VARCHAR") for cell in row) + ")" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS t({', '.join(COLUMNS)})"


# No shrinking: each example is an import.
@settings(max_examples=40, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(st.lists(ROW, min_size=1, max_size=25), st.lists(st.integers(0, 24), max_size=12))
def test_the_import_does_what_plain_python_does(rows: list[Row], again: list[int]) -> None:
    rows = rows + [rows[i % len(rows)] for i in again]
    aside, kept, collapsed = expected(rows)
    with TemporaryDirectory() as folder:
        try:
            report, dataset = run(Path(folder), MANIFEST, tenders=as_sql(rows))
        except BadTable:
            assert not kept
            return
        assert kept
        table = report.tables[0]
        assert table.read == len(rows)
        assert table.kept == len(kept)
        assert sum(table.quarantined.values()) == len(aside)
        assert table.collapsed == collapsed
        if aside:
            found = quarantine(dataset, "tenders")[list(COLUMNS)].astype(object)
            found = found.where(found.notna(), None)
            assert Counter(found.itertuples(index=False, name=None)) == Counter(aside)
        frame = dataset.table("tenders")
        assert Counter(as_read(frame)) == Counter((read.tender, read.known, *read.seen) for read in kept)
        late = [read for read in kept if read.content[3] is not None and read.seen[3] is None]
        assert table.outcomes_after_cut_off == len(late)


def as_read(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    """Rows of the data set, nulls as None."""
    names = ["tender_id", "known_at", "offered_at", "outcome", "outcome_at", "outcome_known_at", "price"]
    plain = [[None if pd.isna(cell) else cell for cell in frame.get(name, [None] * len(frame))] for name in names]
    return list(zip(*plain, strict=True))
