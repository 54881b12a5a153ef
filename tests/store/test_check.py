"""A check finds what is wrong with a data set on disk."""

import re
from pathlib import Path

import pandas as pd

from domain.manifest import Manifest
from domain.moment import parse_moment
from store.check import check_dataset
from store.contracts.rules import rules_of
from store.contracts.tables import CONTRACTS
from store.writing import write_dataset
from tests.store.making import SHIPMENT, run

QUERY = f"{SHIPMENT}, 1.0 AS weight_kg UNION ALL {SHIPMENT.replace('s1', '<b>')}, -1.0"


def test_an_imported_data_set_is_sound(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=QUERY)
    report = check_dataset(dataset.folder)
    assert report.sound
    assert report.fingerprint == dataset.fingerprint
    assert report.tables[0].quarantined == {"weight_kg is below 0": 1}
    assert "shipments: 1 rows, sound, 1 in quarantine" in report.summary()


def test_a_changed_file_is_found_by_its_hash(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    file = next((dataset.folder / "shipments").iterdir())
    file.write_bytes(file.read_bytes()[:-1] + b"X")
    report = check_dataset(dataset.folder)
    assert not report.sound
    assert report.tables[0].damaged == (f"shipments/{file.name}",)
    file.unlink()
    assert not check_dataset(dataset.folder).sound


def test_rows_that_break_a_rule_are_found_with_an_example(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"shipment_id": ["a", "b"], "known_at": pd.to_datetime(["2020-01-01"] * 2, utc=True), "weight_kg": [1, -2.0]}
    )
    write_dataset(tmp_path / "out", Manifest("made", cut_off=parse_moment("2020-02-01")), {"shipments": frame})
    report = check_dataset(tmp_path / "out")
    assert not report.sound
    assert "1 × weight_kg is below 0, for example weight_kg = -2.0" in report.summary()
    assert report.as_json()["sound"] is False


def test_the_page_needs_nothing_but_itself_and_escapes_what_it_shows(tmp_path: Path) -> None:
    _, dataset = run(
        tmp_path, shipments=f"{QUERY}".replace("AS weight_kg", 'AS weight_kg, 2 AS "x_<script>"', 1) + ", 2"
    )
    page = check_dataset(dataset.folder).as_html()
    assert "<script>" not in page
    assert "x_&lt;script&gt;" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "weight_kg is below 0" in page


def test_the_page_shows_every_rule_that_was_asked_with_its_count(tmp_path: Path) -> None:
    """A person sees what was checked and kept, not only what broke; the JSON says the same."""
    frame = pd.DataFrame(
        {"shipment_id": ["a", "b"], "known_at": pd.to_datetime(["2020-01-01"] * 2, utc=True), "weight_kg": [1, -2.0]}
    )
    write_dataset(tmp_path / "out", Manifest("made", cut_off=parse_moment("2020-02-01")), {"shipments": frame})
    report = check_dataset(tmp_path / "out")
    asked = {rule.words: 0 for rule in rules_of(CONTRACTS["shipments"], CONTRACTS["shipments"].names)}
    assert report.tables[0].rules == asked | {"weight_kg is below 0": 1}
    assert report.as_json()["tables"][0]["rules"] == report.tables[0].rules
    page = report.as_html()
    for words, rows in report.tables[0].rules.items():
        assert re.search(rf"<td>{re.escape(words)}</td><td class='n'>{rows}</td>", page)
    assert f"{len(asked)} rules" in report.summary()
