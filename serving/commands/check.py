"""``lanewise check``: contracts on canonical tables."""

from domain.errors import BadTable
from serving.commands.options import Data, Html, Json
from serving.commands.report import Report, writable
from store.atomic import write_atomically


def check(data: Data, html: Html = None, json_file: Json = None) -> None:
    """Check the tables in DIR against their contracts and their files against their hashes."""
    from store.check import check_dataset

    report = Report(json_file)
    page = writable(html) if html else None
    found = check_dataset(data)
    if page:
        write_atomically(page, found.as_html().encode())
    report.show(found.summary(), found.as_json())
    if not found.sound:
        bad = ", ".join(table.table for table in found.tables if not table.sound)
        raise BadTable(f"{data} is not sound ({bad}); import it again")
