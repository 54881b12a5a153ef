"""Checks a data set as it lies on disk: hashes, contracts, what is in quarantine."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.moment import format_moment
from store.contracts.rules import rules_of
from store.contracts.suite import broken_rows
from store.contracts.tables import CONTRACTS
from store.dataset import Dataset, open_dataset
from store.description import StoredTable


@dataclass(frozen=True)
class Breach:
    """A rule that rows in the data set break, with how many and the identity of the first."""

    rule: str
    rows: int
    example: str


@dataclass(frozen=True)
class TableCheck:
    """What was found in one table.

    Attributes
    ----------
    rows
        Rows kept.
    damaged
        Files that are missing or whose bytes are not those that were written.
    breaches
        Rules of the contract that rows break.
    rules
        Every rule of the contract that was asked, with how many rows break it.
    quarantined
        Rows that the import set aside, by rule.
    columns
        Columns the user supplied.
    """

    table: str
    rows: int
    damaged: tuple[str, ...]
    breaches: tuple[Breach, ...]
    rules: Mapping[str, int]
    quarantined: Mapping[str, int]
    columns: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """No file is damaged and no rule is broken."""
        return not self.damaged and not self.breaches

    def lines(self) -> list[str]:
        """The table in lines of text."""
        aside = sum(self.quarantined.values())
        head = f"{self.table}: {self.rows:,} rows, {'sound' if self.sound else 'NOT SOUND'}"
        head += f", {aside:,} in quarantine" if aside else ""
        return [
            head + (f", {len(self.rules)} rules" if self.rules else ""),
            *(f"  damaged file {path}" for path in self.damaged),
            *(f"  {b.rows:,} × {b.rule}, for example {b.example}" for b in self.breaches),
            *(f"  in quarantine: {count:,} × {rule}" for rule, count in self.quarantined.items()),
        ]


@dataclass(frozen=True)
class CheckReport:
    """What was found in a data set."""

    name: str
    cut_off: str
    fingerprint: str
    tables: tuple[TableCheck, ...]

    @property
    def sound(self) -> bool:
        """Every table is sound."""
        return all(table.sound for table in self.tables)

    def summary(self) -> str:
        """The report as text."""
        head = f"{self.name}: {'sound' if self.sound else 'NOT SOUND'}, known until {self.cut_off}"
        return "\n".join([head, *(line for table in self.tables for line in table.lines())])

    def as_json(self) -> dict[str, Any]:
        """The report as a document for ``--json``."""
        return {**asdict(self), "sound": self.sound}

    def as_html(self, sections: Iterable[str] = ()) -> str:
        """The report as a page that needs nothing but itself; further sections of it are markup."""
        from store.page import page_of

        return page_of(self, sections)


def check_dataset(folder: Path) -> CheckReport:
    """Check the data set in a folder.

    Raises
    ------
    NotThere
        If the folder holds no data set.
    BadManifest
        If its manifest is damaged.
    """
    dataset = open_dataset(folder)
    tables = tuple(_check(dataset, name, stored) for name, stored in dataset.description.tables.items())
    cut_off = dataset.manifest.cut_off
    shown = "" if cut_off is None else format_moment(cut_off)
    return CheckReport(dataset.manifest.title, shown, dataset.fingerprint, _ranked(tables))


def _ranked(tables: tuple[TableCheck, ...]) -> tuple[TableCheck, ...]:
    return tuple(sorted(tables, key=lambda check: list(CONTRACTS).index(check.table)))


def _check(dataset: Dataset, name: str, stored: StoredTable) -> TableCheck:
    damaged = tuple(file.path for file in stored.files if _digest(dataset.folder / file.path) != file.sha256)
    rules, breaches = ({}, ()) if damaged else _asked(name, dataset.table(name), stored)
    return TableCheck(name, stored.rows, damaged, breaches, rules, stored.quarantined, stored.columns)


def _digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _asked(name: str, frame: pd.DataFrame, stored: StoredTable) -> tuple[dict[str, int], tuple[Breach, ...]]:
    """Every rule with the number of rows that break it, and those that any row breaks."""
    broken = list(broken_rows(CONTRACTS[name], frame))
    rules = {rule.words: 0 for rule in rules_of(CONTRACTS[name], tuple(frame.columns))}
    rules |= {rule.words: len(rows) for rule, rows in broken}
    found = [
        Breach(rule.words, len(rows), f"{rule.column} = {frame[rule.column].iloc[int(rows[0])]}")
        for rule, rows in broken
    ]
    if len(frame) != stored.rows:
        found.append(Breach("the manifest counts other rows", len(frame), f"the manifest says {stored.rows}"))
    return rules, tuple(found)
