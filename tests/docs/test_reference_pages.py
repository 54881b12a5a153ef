"""Pages that list things list all of them."""

import re
from pathlib import Path

import pytest

from store.contracts.tables import CONTRACTS, supplied
from tests.docs.documents import ROOT, documents

TABLES_PAGE = (ROOT / "docs/bring-your-own-data.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^\*\*(.+?)\*\*", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_column_of_a_table_is_documented(table: str) -> None:
    """The row of the table names every column of its contract, those that must be there as such, and no other."""
    (row,) = re.findall(rf"^\| `{table}` \|(.*)\|$", TABLES_PAGE, re.MULTILINE)
    _, must, may = row.split("|")
    named = {name: re.findall(r"`(\w+)`", cell) for name, cell in (("must", must), ("may", may))}
    assert set(named["must"]) - {"planned_delivery_at"} == set(supplied(table))
    assert set(named["must"] + named["may"]) == {column.name for column in CONTRACTS[table].columns}


def test_a_word_is_defined_once_in_alphabetical_order() -> None:
    """The glossary has one entry a word, and a word is found where it belongs."""
    entries = [entry.lower().replace("_", " ").replace("-", "") for entry in ENTRIES]
    assert entries == sorted(set(entries))


def test_every_decision_is_listed() -> None:
    """The list of records is complete, and numbers are not used twice."""
    records = [document.name for document in documents() if re.match(r"\d{4}-", document.name)]
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8"))
    assert listed == sorted(records)
    assert len({name[:4] for name in records}) == len(records)
    assert all(_title(ROOT / "docs/decisions" / name).startswith(f"# {name[:4]} ") for name in records)


def _title(document: Path) -> str:
    return document.read_text(encoding="utf-8").splitlines()[0]
