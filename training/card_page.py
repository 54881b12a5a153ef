"""A model card as a page that needs nothing but itself, and as Markdown beside its pictures."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from html import escape

from store.page import Figure, bullets, document, table
from training.card import Card, Grid, Picture, Section

SIMULATED = "Simulated data: nothing of what this was learned from and measured on ever happened."
INTERVAL = re.compile(r"(?<=[\d%]) (\[[^\[\]<]*\])</td>")
"""An interval after its figure, which stands below it."""
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")
"""Characters that Markdown, or HTML within it, would take for markup."""
STYLE = """<style>
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin: 1rem 0 2rem; }
.plots img { width: 100%; height: auto; }
.plots img.wide { grid-column: 1 / -1; }
.simulated { background: #fdf1dc; border-left: .3rem solid #c77700; padding: .5rem 1rem; font-weight: 600; }
table { font-size: .9rem; }
td.n, td:first-child { white-space: nowrap; }
td.n small { display: block; color: #5b6773; }
td { overflow-wrap: anywhere; }
th:empty { display: none; }
nav a { margin-right: 1rem; }
@media (max-width: 45rem) { .plots { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
</style>
"""


def html_of(card: Card, images: Mapping[str, bytes]) -> str:
    """The card as one HTML document.

    Parameters
    ----------
    images
        PNG of each picture by its path; one that is not there is left out.
    """
    banner = f'<p class="simulated">{SIMULATED}</p>\n' if card.simulated else ""
    contents = "".join(f'<a href="#{_anchor(one)}">{escape(one.title)}</a> ' for one in card.sections)
    sections = "".join(_html_section(section, images) for section in card.sections)
    heading = f"<h1>Model card: {escape(card.heading)}</h1>\n{banner}<nav>{contents}</nav>\n"
    return document(f"{card.heading}: model card", f"{STYLE}{heading}{sections}")


def markdown_of(card: Card) -> str:
    """The card as Markdown; pictures are links to the run's own."""
    banner = [f"> **{SIMULATED}**", ""] if card.simulated else []
    sections = [line for section in card.sections for line in _markdown_section(section)]
    return "\n".join([f"# Model card: {_plain(card.heading)}", "", *banner, *sections])


def note_of(card: Card) -> str:
    """What a card says first, as Markdown for a place where the card itself is not shown: its purpose, its measures."""
    purpose, measures = card.sections[:2]
    brief = (
        replace(purpose, words=purpose.words[:1]),
        replace(measures, words=(), grids=measures.grids[:1], pictures=()),
    )
    return markdown_of(replace(card, sections=brief)) + "\nThe whole card is the artifact `model_card.html`.\n"


def _html_section(section: Section, images: Mapping[str, bytes]) -> str:
    words = "".join(f"<p>{escape(text)}</p>\n" for text in section.words)
    told = bullets(section.bullets) if section.bullets else ""
    grids = "".join(map(_html_grid, section.grids))
    shown = "".join(_image(images[one.path], one) for one in section.pictures if one.path in images)
    plots = f'<div class="plots">{shown}</div>\n' if shown else ""
    return f'<h2 id="{_anchor(section)}">{escape(section.title)}</h2>\n{words}{told}{grids}{plots}'


def _html_grid(grid: Grid) -> str:
    return INTERVAL.sub(r" <small>\1</small></td>", _table(grid))


def _table(grid: Grid) -> str:
    return table(grid.head, [(*row[: grid.numbers_from], *map(Figure, row[grid.numbers_from :])) for row in grid.rows])


def _image(png: bytes, picture: Picture) -> str:
    kind = ' class="wide"' if picture.wide else ""
    return f'<img{kind} alt="{escape(picture.words)}" src="data:image/png;base64,{b64encode(png).decode()}">'


def _anchor(section: Section) -> str:
    return re.sub(r"\W+", "-", section.title.lower()).strip("-")


def _markdown_section(section: Section) -> list[str]:
    lines = [f"## {_plain(section.title)}", ""]
    for text in section.words:
        lines += [_plain(text), ""]
    if section.bullets:
        lines += [*(f"- {_plain(text)}" for text in section.bullets), ""]
    for grid in section.grids:
        marks = ["---" if place < grid.numbers_from else "---:" for place in range(len(grid.head))]
        lines += [_line([_plain(cell) for cell in row]) for row in (grid.head,)] + [_line(marks)]
        lines += [*(_line([_plain(cell) for cell in row]) for row in grid.rows), ""]
    for picture in section.pictures:
        lines += [f"![{_plain(picture.words)}]({picture.path})", ""]
    return lines


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text on one line, nothing of it markup."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")
