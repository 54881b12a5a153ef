"""Pages about data that a person can read without a network."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.check import CheckReport, TableCheck

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2530; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #d5dbe2; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: #11603a; } .bad { color: #a1260d; font-weight: 600; }
code { overflow-wrap: anywhere; }
"""


class Markup(str):
    """Text that is markup already and goes into a page as it is."""


class Figure(str):
    """Text of a number, which stands to the right."""


def document(title: str, body: str) -> str:
    """One HTML document with its style inside; ``body`` is markup."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"{body}</body></html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str | int | Markup]]) -> str:
    """A table; text is escaped, whole numbers get marks at their thousands, columns of numbers stand to the right."""
    lines = list(rows)
    number = [
        all(isinstance(line[place], int | Figure) for line in lines) and bool(lines) for place in range(len(head))
    ]
    made = [_line("th", head, number), *(_line("td", line, number) for line in lines)]
    return f"<table>{chr(10).join(made)}</table>\n"


def _line(tag: str, cells: Sequence[str | int | Markup], number: Sequence[bool]) -> str:
    marks = [f"{tag} class='n'" if right else tag for right in number]
    shown = [f"<{mark}>{_shown(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True)]
    return f"<tr>{''.join(shown)}</tr>"


def _shown(cell: str | int | Markup) -> str:
    if isinstance(cell, Markup):
        return cell
    return f"{cell:,}" if isinstance(cell, int) else escape(cell)


def bullets(told: Sequence[str | Markup]) -> str:
    """A list, or a word that there is nothing to say."""
    return f"<ul>{''.join(f'<li>{_shown(one)}</li>' for one in told) or '<li>Nothing to remark.</li>'}</ul>\n"


def state(sound: bool) -> Markup:
    """Sound or not, in its colour."""
    return Markup('<span class="good">sound</span>' if sound else '<span class="bad">not sound</span>')


def kept(broken: int) -> Markup:
    """Whether a rule is kept, by how many rows break it."""
    return Markup('<span class="bad">broken</span>' if broken else '<span class="good">kept</span>')


def rules_table(rules: Mapping[str, int]) -> str:
    """Every rule that was asked, in the words of what breaks it, with how many rows do."""
    return table(("what would be wrong", "rows", "rule"), [(words, rows, kept(rows)) for words, rows in rules.items()])


def page_of(report: "CheckReport", sections: Iterable[str] = ()) -> str:
    """The report of a data set's check as a page; further sections of it are markup."""
    overview = table(
        ("table", "rows", "rules", "broken", "in quarantine", "state"),
        [_overview(one) for one in report.tables],
    )
    body = (
        f"<h1>{escape(report.name)}: {state(report.sound)}</h1>\n"
        f"<p>Known until {escape(report.cut_off)}. Fingerprint <code>{report.fingerprint}</code>.</p>\n"
        f"{overview}\n{''.join(map(_details, report.tables))}{''.join(sections)}"
    )
    return document(f"{report.name}: data check", body)


def _overview(one: "TableCheck") -> tuple[str | int | Markup, ...]:
    link = Markup(f'<a href="#{one.table}">{one.table}</a>')
    broken = sum(rows > 0 for rows in one.rules.values())
    return link, one.rows, len(one.rules), broken, sum(one.quarantined.values()), state(one.sound)


def _details(one: "TableCheck") -> str:
    told: list[str | Markup] = [Markup(f"damaged file <code>{escape(path)}</code>") for path in one.damaged]
    told += [
        Markup(f'<span class="bad">{b.rows:,} × {escape(b.rule)}</span>, for example {escape(b.example)}')
        for b in one.breaches
    ]
    told += [f"in quarantine: {count:,} × {rule}" for rule, count in one.quarantined.items()]
    return (
        f'<h2 id="{one.table}">{one.table}</h2>\n<p>Columns: {escape(", ".join(one.columns))}</p>\n'
        f"{rules_table(one.rules) if one.rules else ''}{bullets(told)}"
    )
