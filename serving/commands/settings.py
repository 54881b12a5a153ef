"""``lanewise settings``: effective settings and where each came from."""

import os

from decisions.settings import FILE_NAME, PREFIX, load_settings
from serving.commands.options import Home, Json
from serving.commands.report import Report, aligned


def settings(home: Home = None, json_file: Json = None) -> None:
    """Show effective settings: each key, its value, where it came from, and the variable that overrides it."""
    assert home is not None
    report = Report(json_file)
    values = load_settings(home, os.environ).values
    rows = [[one.key, _shown(one.value), one.source, PREFIX + one.key.replace(".", "_").upper()] for one in values]
    text = aligned(("key", "value", "from", "variable"), rows)
    document = {one.key: {"value": one.value, "source": one.source} for one in values}
    report.show(text, {"file": str(home / FILE_NAME), "settings": document})


def _shown(value: object) -> str:
    return '""' if value == "" else f"{value:g}" if isinstance(value, float) else str(value)
