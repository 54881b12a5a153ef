"""Markdown documents and their code blocks."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(?P<language>\w+)[ ](?P<said>\S.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block that its fence marks as ``run``, or as the content of ``file=PATH``."""

    language: str
    said: str
    text: str

    @property
    def file(self) -> str | None:
        """Where the block's text belongs, where it is a file's."""
        return self.said.removeprefix("file=") if self.said.startswith("file=") else None


def documents() -> list[Path]:
    """README, CONTRIBUTING and everything under docs."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(document: Path) -> list[Block]:
    """Marked blocks in the order of the document."""
    text = document.read_text(encoding="utf-8")
    return [Block(match["language"], match["said"], match["text"]) for match in FENCE.finditer(text)]
