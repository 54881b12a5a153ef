"""What was found in a feature frame: values with words, a document and a page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from store.page import Figure, bullets, document, rules_table, table

LEAK_AUC = 0.98
"""A column that alone ranks the outcome better is named."""
MISSING_SHARE = 0.99
"""A column is told that is missing in a greater share of the rows."""


@dataclass(frozen=True)
class ColumnCheck:
    """What was found in one column.

    Attributes
    ----------
    missing, missing_later
        Share of rows without a value, in the training and in the test part; 1 where the part lacks the column.
    constant
        Every row of the training part holds the same value.
    auc
        How well the column alone ranks the outcome, 0.5 to 1 whichever its direction; ``None`` where no outcome is
        frequent enough to say.
    psi
        Population stability index of the test part against the training part.
    drifted
        It is too large to be called the same distribution, and not by chance.
    """

    name: str
    missing: float
    missing_later: float
    constant: bool
    auc: float | None
    psi: float
    drifted: bool

    @property
    def leaks(self) -> bool:
        """It alone nearly tells the outcome."""
        return self.auc is not None and self.auc > LEAK_AUC

    @property
    def empty(self) -> bool:
        """Hardly a row holds a value."""
        return self.missing > MISSING_SHARE

    @property
    def remarks(self) -> str:
        """What there is to say of it, in words."""
        said = {"leaks": self.leaks, "constant": self.constant, "missing": self.empty, "drifts": self.drifted}
        return ", ".join(word for word, so in said.items() if so)


@dataclass(frozen=True)
class FrameReport:
    """What was found in the frame of one model.

    Attributes
    ----------
    what
        Of what the outcome was asked, such as ``late``.
    rows, rows_later
        Of the training and of the test part.
    columns
        Each column, in the frame's order.
    rules
        Each rule of the frame's contract, with how many rows of both parts break it.
    """

    what: str
    rows: int
    rows_later: int
    columns: tuple[ColumnCheck, ...]
    rules: Mapping[str, int]

    @property
    def leaking(self) -> tuple[ColumnCheck, ...]:
        """Columns that leak, the surest first."""
        return tuple(sorted((c for c in self.columns if c.leaks), key=lambda c: (-(c.auc or 0.0), c.name)))

    @property
    def drifted(self) -> tuple[ColumnCheck, ...]:
        """Columns that drifted, the worst first."""
        return tuple(sorted((c for c in self.columns if c.drifted), key=lambda c: (-c.psi, c.name)))

    @property
    def constant(self) -> tuple[str, ...]:
        """Columns that never vary."""
        return tuple(c.name for c in self.columns if c.constant)

    @property
    def empty(self) -> tuple[str, ...]:
        """Columns that hardly hold a value."""
        return tuple(c.name for c in self.columns if c.empty)

    @property
    def broken(self) -> dict[str, int]:
        """Rules that rows break, with how many."""
        return {words: rows for words, rows in self.rules.items() if rows}

    def lines(self) -> list[str]:
        """What matters, in lines of text: every leak, every broken rule, the rest counted; nothing if all is well."""
        said = [
            f"{c.name} alone tells {self.what!r} with AUC {c.auc:.4f}: does it hold the future?" for c in self.leaking
        ]
        said += [f"{rows:,} × {words}" for words, rows in self.broken.items()]
        counted = [f"never vary: {len(self.constant)}"] if self.constant else []
        counted += [f"missing in over {MISSING_SHARE:.0%} of the rows: {len(self.empty)}"] if self.empty else []
        if self.drifted:
            worst = self.drifted[0]
            counted.append(f"drift: {len(self.drifted)} ({worst.name} most, PSI {worst.psi:.2f})")
        return said + ([f"of {len(self.columns)} columns {', '.join(counted)}"] if counted else [])

    def as_json(self) -> dict[str, Any]:
        """The report as a document; figures rounded, so that they do not depend on the order of a sum."""
        columns = {c.name: {k: _rounded(v) for k, v in asdict(c).items() if k != "name"} for c in self.columns}
        found = {"leaking": [c.name for c in self.leaking], "drifted": [c.name for c in self.drifted]}
        found |= {"constant": list(self.constant), "missing": list(self.empty)}
        of = {"outcome": self.what, "n_train": self.rows, "n_test": self.rows_later}
        return {**of, **found, "broken": self.broken, "rules": len(self.rules), "columns": columns}

    def as_html(self, title: str) -> str:
        """The report as a page that needs nothing but itself."""
        return document(f"{title}: feature frame", f"<h1>{escape(title)}</h1>\n{self.section('Feature frame')}")

    def section(self, title: str) -> str:
        """The report as a part of a page."""
        head = ("column", "missing, training", "missing, later", f"AUC alone, {self.what}", "PSI", "remarks")
        return (
            f"<h2>{escape(title)}</h2>\n<p>{self.rows:,} rows to learn from, {self.rows_later:,} later ones; "
            f"{len(self.columns)} columns, {len(self.rules)} rules.</p>\n{bullets(self.lines())}"
            f"{table(head, map(_cells, self.columns))}{rules_table(self.rules)}"
        )


def _cells(column: ColumnCheck) -> tuple[str, ...]:
    auc = "" if column.auc is None else f"{column.auc:.4f}"
    figures = (f"{column.missing:.1%}", f"{column.missing_later:.1%}", auc, f"{column.psi:.3f}")
    return column.name, *map(Figure, figures), column.remarks


def _rounded(value: object) -> object:
    return float(f"{value:.10g}") if isinstance(value, float) else value
