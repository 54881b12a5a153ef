"""A model card as a value: sections of text, grids and pictures, before it becomes a page.

After Mitchell et al. (2019), Model Cards for Model Reporting. It is kept beside the page, so that the page can be made
again when the model is promoted.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Grid:
    """A table of text; cells from column ``numbers_from`` on are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1


@dataclass(frozen=True)
class Picture:
    """An image that is kept with the run, by its path there; a wide one takes the page's whole width."""

    path: str
    words: str
    wide: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a card; what it has is shown in the order of its attributes."""

    title: str
    words: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Card:
    """A model card.

    Attributes
    ----------
    title
        Name of the model.
    simulated
        It was learned from what never happened; every page of it says so.
    """

    title: str
    simulated: bool
    sections: tuple[Section, ...]

    @property
    def heading(self) -> str:
        """The title, and whether it is simulated."""
        return f"{self.title} (simulated)" if self.simulated else self.title

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Pictures of all sections."""
        return tuple(picture for section in self.sections for picture in section.pictures)

    def opened_by(self, section: Section, title: str) -> "Card":
        """The card under another title, with a further section before the others."""
        return replace(self, title=title, sections=(section, *self.sections))

    def as_json(self) -> str:
        """Text from which :func:`read_card` makes it again."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)


def read_card(text: str) -> Card:
    """Make a card of what :meth:`Card.as_json` gave."""
    said = json.loads(text)
    return Card(said["title"], said["simulated"], tuple(map(_section, said["sections"])))


def _section(said: dict[str, Any]) -> Section:
    grids = tuple(
        Grid(tuple(one["head"]), tuple(map(tuple, one["rows"])), one["numbers_from"]) for one in said["grids"]
    )
    pictures = tuple(Picture(**one) for one in said["pictures"])
    return Section(said["title"], tuple(said["words"]), tuple(said["bullets"]), grids, pictures)
