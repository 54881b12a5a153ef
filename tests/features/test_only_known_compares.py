"""Point in time by construction: one place compares when something was known with when one asks."""

import ast
import re
from pathlib import Path

import pytest

import features

FOLDER = Path(features.__file__).parent
KNOWN = {"known", "known_at", "known_by", "moment", "as_of"}
ALLOWED = {
    "cluster.py": "deals slots to parts and questions to blocks; what was known is left to the scan",
    "known.py": "the rule itself: known_at ≤ as_of",
    "replay.py": "whether the two halves of one row were known at once",
    "subjects.py": "stages before a shipment's release or after its end: two moments of knowledge, no question",
}
CALENDARS = ("zones.py", "holidays.py")
"""Look moments and days up among changes of a zone's offset and holidays; know neither questions nor records."""


def _names(node: ast.AST) -> set[str]:
    """Variables, attributes and string keys in an expression."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
    return found


def _compares(file: Path) -> list[str]:
    """Comparisons, and as-of joins, that have to do with when something was known or asked."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        ordered = isinstance(node, ast.Compare) and any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
                                                        for op in node.ops)  # fmt: skip
        joined = isinstance(node, ast.Call) and _names(node.func) & {"merge_asof", "searchsorted", "between"}
        if ordered or joined:
            names = _names(node)
            if joined or names & {"as_of"} or any(name.endswith(("known", "known_at", "_by")) for name in names):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_only_known_compares_known_with_asked(file):
    """No family, stream or outcome decides by itself what was known; they ask features.known."""
    found = _compares(file)
    if file.name in CALENDARS:
        assert not {"known_at", "as_of"} & set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
    elif file.name not in ALLOWED:
        # Streams compare one version's two known times with each other, never with a question.
        found = [text for text in found if "as_of" in text or not _two_versions(text)]
        assert found == []
    elif file.name == "known.py":
        assert found, f"{file.name} no longer compares; take it off the list"


def _two_versions(text: str) -> bool:
    return text in ("known - moments <= CORRECTION_HORIZON_DAYS * MICROSECONDS_PER_DAY", "known - first <= HORIZON")


def test_the_static_test_can_see():
    """It finds the comparison it guards against."""
    code = FOLDER / "known.py"
    assert any("known" in text and "as_of" in text for text in _compares(code))
