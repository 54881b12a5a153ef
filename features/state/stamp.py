"""What a kept file was written under: its format, and the definitions of the features."""

from collections.abc import Mapping
from typing import Any

from features.frame import catalogue_hash
from features.state.errors import OtherDefinitions

FORMAT = 1
"""Number of the format of snapshots and journals; another is refused."""
DEFINITIONS = catalogue_hash()
"""Of the code as it was loaded: a process that runs on while its files are replaced does not go by the new ones."""


def stamp() -> dict[str, Any]:
    """What files that are written now carry."""
    return {"format": FORMAT, "definitions": DEFINITIONS}


def check_stamp(what: str, found: Mapping[str, Any]) -> None:
    """Refuse a file of another format, or of other definitions.

    Raises
    ------
    OtherDefinitions
        If its stamp is not that of files written now.
    """
    expected = stamp()
    came = {name: found.get(name) for name in expected}
    if came != expected:
        raise OtherDefinitions(
            f"{what} was kept in format {came['format']} under the feature definitions {_short(came['definitions'])}, "
            f"but this code has format {FORMAT} and the definitions {_short(expected['definitions'])}: "
            "replay the records into a new state"
        )


def _short(definitions: Any) -> str:
    return str(definitions)[:12]
