"""Turns a folder of SQL into a data set: read, cast, check, set aside, cut off, write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from domain.errors import BadTable
from domain.params import ImportParams
from store.cells import canonical, check_columns
from store.contracts.suite import broken_rows
from store.contracts.tables import CONTRACTS
from store.cutoff import Seen, after_second, latest, latest_known, seen_at, set_aside_later
from store.description import StoredTable
from store.frames import with_defaults
from store.report import ImportReport, TableReport
from store.sandbox import Sandbox
from store.source import ImportSource, read_source
from store.verdicts import Verdicts
from store.versions import collapse, corrections
from store.writing import data_set_lock, replace_dataset

RULE_COLUMN = "quarantine_rule"
WORST = 5


@dataclass(frozen=True)
class Checked:
    """One table after its contract: the rows as read, as a canonical frame, and which of them are bad.

    Attributes
    ----------
    rows
        n rows as the query gave them.
    frame
        The same n rows in canonical dtypes, defaults filled.
    verdicts
        Which break a rule.
    repeats
        Shape (n,): good rows that repeat an earlier one.
    """

    table: str
    rows: pa.Table
    frame: pd.DataFrame
    verdicts: Verdicts
    repeats: np.ndarray[Any, Any]

    @property
    def kept(self) -> pd.DataFrame:
        """The rows that go into the data set."""
        return self.frame[~self.verdicts.bad & ~self.repeats]

    def quarantine(self) -> pa.Table:
        """The bad rows as they were read, with the rule that each broke."""
        bad = self.rows.filter(pa.array(self.verdicts.bad))
        return bad.append_column(RULE_COLUMN, pa.array(self.verdicts.rules(), type=pa.string()))


def import_source(
    source: Path, out: Path, params: ImportParams, folders: Mapping[str, Path] | None = None
) -> ImportReport:
    """Import a folder of SQL files into a data set, replacing the one that is there, or change nothing.

    Parameters
    ----------
    source
        Folder with ``manifest.toml`` and one ``<table>.sql`` per table.
    out
        Folder of the data set.
    params
        How much may be bad, and limits.
    folders
        Declared folders that lie elsewhere than the manifest says, by name.

    Raises
    ------
    NotThere, BadManifest, BadQuery, BadTable
        If the source cannot be read, or a table is refused as a whole.
    HomeLocked
        If another process is writing in ``out``.
    """
    plan = read_source(source, folders or {})
    with data_set_lock(out):
        with Sandbox(plan, params) as sandbox:
            checked = [_checked(table, plan, sandbox) for table in plan.queries]
        cut_off = _cut_off(plan, checked, params)
        for table in checked:
            set_aside_later(table.table, table.frame, cut_off, table.repeats, table.verdicts)
            _refuse_bad(table, params)
        return _write(out, replace(plan, manifest=replace(plan.manifest, cut_off=cut_off)), checked)


def _checked(table: str, plan: ImportSource, sandbox: Sandbox) -> Checked:
    rows = sandbox.rows(table)
    check_columns(table, rows.column_names)
    verdicts = Verdicts(len(rows))
    frame = with_defaults(table, canonical(table, rows, plan.manifest.zone, sandbox.cast, verdicts))
    for rule, positions in broken_rows(CONTRACTS[table], frame):
        verdicts.mark(positions, rule.words, frame[rule.column].iloc.__getitem__)
    frame = after_second(table, frame)
    return Checked(table, rows, frame, verdicts, collapse(table, frame, verdicts))


def _cut_off(plan: ImportSource, checked: list[Checked], params: ImportParams) -> datetime:
    """The manifest's cut-off, or the latest moment at which anything good became known."""
    if not any(len(table.rows) for table in checked):
        raise BadTable(f"every table is empty ({', '.join(plan.queries)}); at least one must hold rows")
    if plan.manifest.cut_off is not None:
        return plan.manifest.cut_off
    derived = latest(latest_known(table.table, table.kept) for table in checked)
    if derived is None:
        for table in checked:
            _refuse_bad(table, params)
        raise BadTable("no row that is left says when anything became known; set cut_off in manifest.toml")
    return derived.astimezone(UTC)


def _refuse_bad(table: Checked, params: ImportParams) -> None:
    n, bad = len(table.rows), table.verdicts.wrong
    if n == 0 or bad <= params.max_bad_share * n:
        return
    worst = sorted(table.verdicts.counts().items(), key=lambda item: (-item[1], item[0]))[:WORST]
    lines = [f"{table.table}: {bad:,} of {n:,} rows are bad ({bad / n:.1%}, allowed {params.max_bad_share:.1%}):"]
    for rule, count in worst:
        example = table.verdicts.example(rule)
        lines.append(f"  {count:,} × {rule}" + (f", for example {example}" if example else ""))
    lines.append(f"Correct {table.table}.sql or its files, or raise [import] max_bad_share. Nothing was changed.")
    raise BadTable("\n".join(lines))


def _write(out: Path, plan: ImportSource, checked: list[Checked]) -> ImportReport:
    cut_off = plan.manifest.cut_off
    assert cut_off is not None
    seen = {table.table: seen_at(table.table, table.kept, cut_off) for table in checked}
    if not any(len(view.frame) for view in seen.values()):
        raise BadTable("no row of any table is left: all are in quarantine; is cut_off in manifest.toml right?")
    stored = {table.table: _stored(table, seen[table.table]) for table in checked}
    dataset = replace_dataset(
        out,
        plan.manifest,
        {name: view.frame for name, view in seen.items()},
        stored,
        {table.table: table.quarantine() for table in checked if table.verdicts.bad.any()},
    )
    reports = tuple(_report(table, stored[table.table]) for table in checked)
    return ImportReport(plan.manifest.name, cut_off, dataset.fingerprint, reports)


def _stored(table: Checked, seen: Seen) -> StoredTable:
    return StoredTable(
        files=(),
        columns=tuple(table.rows.column_names),
        rows=len(seen.frame),
        collapsed=int(table.repeats.sum()),
        corrections=corrections(table.table, seen.frame),
        outcomes_after_cut_off=seen.blanked,
        outcomes_untimed=seen.untimed,
        quarantined=table.verdicts.counts(),
    )


def _report(table: Checked, stored: StoredTable) -> TableReport:
    return TableReport(
        table.table,
        len(table.rows),
        stored.rows,
        stored.collapsed,
        stored.corrections,
        stored.outcomes_after_cut_off,
        stored.outcomes_untimed,
        stored.quarantined,
    )
