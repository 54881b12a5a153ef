"""The oracle: runs the SQL of every family over a data set's files, for all that is asked."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from holidays import country_holidays

from domain.manifest import Manifest

HERE = Path(__file__).parent
STEPS = ("tables", "facts", "record", "entities")
FAMILIES = ("calendar", "plan", "categories", "progress", "readings", "load", "history", "usual")
TABLES = ("shipments", "tenders", "milestones", "exceptions", "signals")
Files = dict[str, str]
"""Glob of the Parquet files of each table."""


def views(connection: duckdb.DuckDBPyConnection, files: Files) -> None:
    """Make the views ``raw_<table>`` that the SQL reads."""
    for table in TABLES:
        connection.read_parquet(files[table], union_by_name=True).create_view(f"raw_{table}")


@dataclass(frozen=True)
class SqlOracle:
    """Every family's features of what is asked, from the files alone.

    Attributes
    ----------
    files
        Glob of the Parquet files of each table.
    manifest
        For the timezone, the country, the lateness tolerated and the thresholds of severity.
    asked
        What is asked: moment (its name), model, subject_id, stage, as_of.
    """

    files: Files
    manifest: Manifest
    asked: pd.DataFrame

    def family(self, name: str) -> pd.DataFrame:
        """One row for each thing asked, by its moment; one column for each feature; null where unknown."""
        long = self._answers.sql(f"SELECT moment, name, value FROM {name} JOIN asked USING (moment)").df()
        return long.pivot(index="moment", columns="name", values="value").reindex(self.asked["moment"])

    def column(self, query: str) -> list[Any]:
        """The one column that a query over the oracle's tables gives."""
        return [one for (one,) in self._answers.sql(query).fetchall()]

    @cached_property
    def _answers(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 2})
        connection.execute("SET TimeZone = 'UTC'")
        views(connection, self.files)
        self._declare(connection)
        for step in (*STEPS, *FAMILIES):
            connection.execute((HERE / f"{step}.sql").read_text(encoding="utf-8"))
        return connection

    def _declare(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SET VARIABLE timezone = ?", [self.manifest.timezone])
        connection.execute("SET VARIABLE late_after_min = ?", [self.manifest.late_after_min])
        connection.execute("SET VARIABLE thresholds = ?", [list(self.manifest.severity.thresholds)])
        connection.register("holiday_rows", pd.DataFrame({"day": self._holidays()}, dtype="datetime64[us]"))
        connection.execute("CREATE TABLE holidays AS SELECT day::DATE AS day FROM holiday_rows")
        connection.register("asked_rows", self.asked)
        connection.execute("CREATE TABLE asked AS SELECT * EXCLUDE (as_of), epoch_us(as_of) AS t FROM asked_rows")

    def _holidays(self) -> list[date]:
        country = self.manifest.country
        return sorted(country_holidays(country, years=range(2000, 2036))) if country else []
