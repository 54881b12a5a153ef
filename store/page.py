"""A page about a data set that a person can read without a network."""

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


def page_of(report: "CheckReport") -> str:
    """The report as one HTML document with its style inside."""
    name = escape(report.name)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}: data check</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>\n'
        f"<h1>{name}: {_state(report.sound)}</h1>\n"
        f"<p>Known until {escape(report.cut_off)}. Fingerprint <code>{report.fingerprint}</code>.</p>\n"
        f"{_overview(report)}\n{''.join(_details(table) for table in report.tables)}</body></html>\n"
    )


def _state(sound: bool) -> str:
    return '<span class="good">sound</span>' if sound else '<span class="bad">not sound</span>'


def _overview(report: "CheckReport") -> str:
    rows = "".join(
        f'<tr><td><a href="#{table.table}">{table.table}</a></td><td class="n">{table.rows:,}</td>'
        f'<td class="n">{sum(table.quarantined.values()):,}</td><td>{_state(table.sound)}</td></tr>\n'
        for table in report.tables
    )
    head = '<tr><th>table</th><th class="n">rows</th><th class="n">in quarantine</th><th>state</th></tr>'
    return f"<table>{head}\n{rows}</table>"


def _details(table: "TableCheck") -> str:
    told = [f"<li>damaged file <code>{escape(path)}</code></li>" for path in table.damaged]
    told += [
        f'<li class="bad">{b.rows:,} × {escape(b.rule)}, for example {escape(b.example)}</li>' for b in table.breaches
    ]
    told += [f"<li>in quarantine: {count:,} × {escape(rule)}</li>" for rule, count in table.quarantined.items()]
    return (
        f'<h2 id="{table.table}">{table.table}</h2>\n<p>Columns: {escape(", ".join(table.columns))}</p>\n'
        f"<ul>{''.join(told) or '<li>Nothing to remark.</li>'}</ul>\n"
    )
