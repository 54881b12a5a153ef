"""A model card tells what a person needs before believing a model, and who put it into service."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.params import MlflowParams
from domain.predictions import ModelName
from features.catalogue import FAMILIES
from features.frame import catalogue_hash
from store.code_version import code_version
from store.registry import Registry
from store.succession import Appointment, Kind
from store.writing import write_dataset
from tests.training.synthetic import MANIFEST, OF_OTHERS, PARAMS, network
from training.card import Card, Grid, Picture, Section, read_card
from training.card_measures import ece_by_chance, slice_words
from training.card_page import html_of, markdown_of
from training.families import OTHER, columns_by_family
from training.measures import calibration_error
from training.signing import CARD_HTML, CARD_JSON, CARD_MARKDOWN, sign_card
from training.slices import AND
from training.training import train

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)

EVIL = '<script>alert("x")</script> | `rm` *b* & [a](b)\nsecond'
CARD = Card(
    "small.severity",
    False,
    (
        Section("A & B", (EVIL,), (EVIL,), (Grid(("what", EVIL), ((EVIL, "1.5 [1, 2]"),)),)),
        Section("Plots", pictures=(Picture("plots/a.png", EVIL), Picture("plots/gone.png", "gone"))),
    ),
)


def artifact(registry: Registry, run_id: str, name: str, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    return Path(registry.client().download_artifacts(run_id, name, str(folder))).read_text("utf-8")


@pytest.fixture(scope="module")
def pages(home, tmp_path_factory) -> dict[ModelName, tuple[str, str]]:
    """HTML and Markdown of the first three versions."""
    folder = tmp_path_factory.mktemp("cards")
    return {
        one.fitted.model.name: tuple(
            artifact(home.registry, one.version.run_id, name, folder) for name in (CARD_HTML, CARD_MARKDOWN)
        )
        for one in home.first.trained
    }


@pytest.mark.parametrize("name", list(ModelName))
def test_a_card_tells_purpose_data_features_training_measures_and_limits(home, pages, name):
    """Both forms hold the same facts."""
    (one,) = [trained for trained in home.first.trained if trained.fitted.model.name is name]
    split = one.fitted.split
    facts = [
        f"small.{name} version 1",
        home.dataset.fingerprint,
        catalogue_hash(),
        code_version(),
        "2024-04-10T00:00:00Z",  # the cut-off
        one.version.run_id,
        f"{len(split.train):,} rows asked",
        f"{len(split.test):,} rows about",
        "claim, not a proof",
        "promoted by",
    ]
    facts += [f"{rows:,} {fate}" for fate, rows in split.test.left_out.items()]
    facts += list(split.test.by_month)
    for page in pages[name]:
        plain = page.replace("\\", "")
        assert [fact for fact in facts if fact not in plain and fact != "promoted by"] == []
        assert "It is the champion" in plain
        assert "nobody promoted it" in plain
        for title in (
            "Purpose",
            "Measures on later data",
            "What it looks at",
            "Limits",
            "Data",
            "Features",
            "Training",
        ):
            assert re.search(rf"(<h2[^>]*>|## ){title}", page)


@pytest.mark.parametrize("name", list(ModelName))
def test_measures_stand_with_intervals_overall_and_by_slice(home, pages, name):
    """The figures of the run, each slice by name, and an interval around the chief figure."""
    (one,) = [trained for trained in home.first.trained if trained.fitted.model.name is name]
    markdown = pages[name][1].replace("\\", "")
    chief = "kappa" if name is ModelName.SEVERITY else "auc"
    words = "quadratic-weighted kappa" if name is ModelName.SEVERITY else "AUC"
    row = re.search(rf"^\| {words} \|.*\| ([\d.]+) \| \[([-\d.]+), ([-\d.]+)\] \|", markdown, re.MULTILINE)
    assert row is not None
    value, low, high = map(float, row.groups())
    assert value == pytest.approx(one.fitted.figures[chief], abs=5e-5)
    assert low < value < high
    plain = [key for key in one.fitted.by_slice if AND not in key]
    assert [key for key in plain if f"| {slice_words(key)} |" not in markdown] == []
    if name is ModelName.ETA_RISK:
        assert "| log loss by stage and hours to go | 6-24 | 24-72 |" in markdown


def test_the_page_needs_nothing_but_itself(pages):
    """Pictures are in it; no address is fetched, no script is there."""
    for name, (html, _) in pages.items():
        wanted = 9 if name is ModelName.ETA_RISK else 7
        assert html.count('src="data:image/png;base64,') == wanted
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", html)
        assert not re.search(r"<(script|link|iframe)|url\(|@import", html)


def test_pictures_lie_beside_the_markdown(home, pages):
    """Every link of the Markdown is an artifact of the run."""
    client = home.registry.client()
    for one in home.first.trained:
        links = re.findall(r"\]\((plots/\w+\.png)\)", pages[one.fitted.model.name][1])
        there = {item.path for item in client.list_artifacts(one.version.run_id, "plots")}
        assert set(links) == there
        assert {"plots/reliability.png", "plots/roc.png", "plots/precision_recall.png", "plots/lift.png"} <= there


def test_text_cannot_become_markup():
    """Names and reasons come from people: escaped in HTML, one line and inert in Markdown."""
    html, markdown = html_of(CARD, {"plots/a.png": b"png"}), markdown_of(CARD)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5
    assert html.count("<img") == 1
    assert "gone" not in html
    assert "<script" not in markdown.replace("\\<", "")
    assert r"\| \`rm\` \*b\* &amp; \[a\](b) second" in markdown
    assert "<small>[1, 2]</small>" in html


def test_a_card_comes_back_from_json():
    assert read_card(CARD.as_json()) == CARD


def test_simulated_data_are_marked_everywhere(tmp_path):
    """Title, heading and banner of the card, title of the frame checks; without the mark in the manifest nowhere."""
    dataset = write_dataset(tmp_path / "data", replace(MANIFEST, simulated=True), network())
    registry = Registry(tmp_path, MlflowParams())
    (one,) = train(dataset, registry, PARAMS, [ModelName.TENDER_FAILURE]).trained
    run = one.version.run_id
    html, markdown, checks = (
        artifact(registry, run, name, tmp_path / "a") for name in (CARD_HTML, CARD_MARKDOWN, "frame_checks.html")
    )
    assert "<title>small.tender_failure version 1 (simulated): model card</title>" in html
    assert "<h1>Model card: small.tender_failure version 1 (simulated)</h1>" in html
    assert html.count("Simulated data: nothing of what this was learned from") == 1
    assert "Learned from a simulated network." in html
    assert markdown.startswith("# Model card: small.tender\\_failure version 1 (simulated)\n\n> **Simulated data")
    assert "<title>small.tender_failure (simulated): feature frame</title>" in checks
    assert "<h1>small.tender_failure (simulated)</h1>" in checks


def test_what_is_not_simulated_is_not_marked(home, pages, tmp_path):
    for html, markdown in pages.values():
        assert "imulated" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL) + markdown
    checks = artifact(home.registry, home.first.trained[0].version.run_id, "frame_checks.html", tmp_path)
    assert "imulated" not in checks


@pytest.fixture(scope="module")
def own(home, tmp_path_factory) -> Registry:
    """Two versions in a home of their own; a copy would not do, as MLflow remembers where a run's artifacts were."""
    registry = Registry(tmp_path_factory.mktemp("own"), MlflowParams())
    for _ in range(2):
        train(home.dataset, registry, PARAMS, [ModelName.SEVERITY])
    return registry


def test_a_promotion_is_shown_in_the_cards_of_both_versions(own, tmp_path):
    """Who, who agreed, why, and what became of the champion before; then the way back."""
    name, at = "small.severity", "2024-05-01T00:00:00Z"
    steps = [
        Appointment(Kind.PROMOTION, "2", "1", at, "ann <a@b>", "bob", "fresher", "no improvement is shown"),
        Appointment(Kind.ROLLBACK, "1", "2", "2024-05-02T00:00:00Z", "cay", reason="worse at sea"),
    ]
    told = []
    for step in steps:
        own.crown(name, step)
        assert [sign_card(own, name, version) for version in ("1", "2")] == ["", ""]
        runs = {version: own.version(name, version).run_id for version in ("1", "2")}
        told.append({v: artifact(own, run, CARD_HTML, tmp_path / f"{step.kind}{v}") for v, run in runs.items()})
    promoted, back = told
    for version in ("1", "2"):
        assert f"{at}: version 2 became champion after version 1, promoted by ann &lt;a@b&gt;" in promoted[version]
        assert "approved by bob; overridden: no improvement is shown; reason: fresher" in promoted[version]
        assert "rolled back by cay; reason: worse at sea" in back[version]
        assert promoted[version].count("data:image/png") == 7
    assert "It is the champion." in promoted["2"]
    assert "It is neither champion nor challenger." in promoted["1"]
    assert "It is the champion." in back["1"]
    assert "It is neither champion nor challenger." in back["2"]


def test_a_version_without_a_card_is_left_alone(own, monkeypatch):
    """Of a time before there were cards; and one whose card cannot be read is told of, nothing more."""
    monkeypatch.setattr("training.signing.CARD_JSON", "no_such_card.json")
    assert sign_card(own, "small.severity", "1") == ""
    monkeypatch.undo()
    (card,) = Path(own.home, "mlruns/artifacts", own.version("small.severity", "1").run_id).rglob(CARD_JSON)
    card.chmod(0o600)
    card.unlink()
    card.mkdir()
    assert "could not be written anew" in sign_card(own, "small.severity", "1")
    assert "there is no version 9" in sign_card(own, "small.severity", "9")


def test_every_column_belongs_to_a_family(home):
    """Nothing is left over; histories of a user's own category are history, not attributes."""
    for one in home.first.trained:
        found = columns_by_family(one.fitted.test_frame)
        assert OTHER not in found
        assert sum(map(len, found.values())) == len(one.fitted.test_frame.columns)
    named = columns_by_family(["x_goods", "x_goods_late_120d", "x_note~urgent", "carrier_late_7d", "nobody_knows"])
    assert named["attributes"] == ["x_goods", "x_note~urgent"]
    assert named["history"] == ["x_goods_late_120d", "carrier_late_7d"]
    assert named[OTHER] == ["nobody_knows"]
    assert len(FAMILIES) >= len(found)


def test_the_calibration_error_by_chance_is_its_mean_under_perfect_calibration():
    """Against 400 draws."""
    draw = np.random.default_rng(1)
    p = draw.beta(1, 4, 3000)
    drawn = [calibration_error((draw.random(p.size) < p).astype(float), p) for _ in range(400)]
    assert ece_by_chance(p) == pytest.approx(np.mean(drawn), rel=0.05)


def test_slices_are_said_in_words():
    assert slice_words("hours_to_go=72-inf") == "hours to go: 72 and more"
    assert slice_words("stage=X3@2") == "stage: arrived at pickup (X3@2)"
    assert slice_words("stage=release") == "stage: release"


def test_the_kept_card_is_plain_json(home, tmp_path):
    """Which other programs may read."""
    said = json.loads(artifact(home.registry, home.first.trained[0].version.run_id, CARD_JSON, tmp_path))
    assert said["sections"][0]["title"] == "Purpose"
