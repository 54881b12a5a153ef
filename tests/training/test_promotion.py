"""What speaks against a promotion, whichever door asks; a second home of one registry; a registry full of others."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import LanewiseError, NotThere, WrongModel
from domain.params import MlflowParams
from domain.predictions import ModelName
from store.current import CHALLENGER, CHAMPION, copy_of, disagreements, in_service, models_folder
from store.registry import HASH_TAG, Registry, Version
from store.succession import Appointment, Kind
from tests.homes import copied_home
from tests.training.synthetic import OF_OTHERS
from training.comparison import compare
from training.evidence import ALL, TAG, Difference, Evidence
from training.promotion import objections_to, promote, roll_back

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
AT = "2024-05-01T00:00:00Z"
SEVERITY = "small.severity"
HOW = "`lanewise compare DIR --model severity` compares the challenger with the champion"
BETTER = Evidence(
    "1", "2024-01-10", 140, "f" * 64, (Difference(ALL, "log_loss", -0.02, -0.03, -0.01),), "", "2024-02-01", "a", "b", 1
)
FIRST = Appointment(Kind.BOOTSTRAP, "1", "", AT, "bootstrap")
PROMOTED = Appointment(Kind.PROMOTION, "2", "1", AT, "ann", "bob")
BACK = Appointment(Kind.ROLLBACK, "1", "2", AT, "cay")


def version(number: str, sha256: str, *aliases: str, evidence: Evidence | None = None) -> Version:
    """One of severity."""
    tags = {HASH_TAG: sha256, "lanewise.model": "severity"}
    return Version(SEVERITY, number, "run", aliases, tags | ({TAG: evidence.as_tag()} if evidence else {}))


OLD = version("1", "a", CHAMPION)
UNFIT = {
    "nothing": (None, OLD, (FIRST,), f"no comparison with the champion (version 1) is on record; {HOW}"),
    "another champion": (
        replace(BETTER, champion="7"),
        OLD,
        (FIRST,),
        f"it was compared with version 7, but the champion is version 1; {HOW}",
    ),
    "no champion": (BETTER, None, (), "no version of small.severity is champion"),
    "other files": (replace(BETTER, sha256="c"), OLD, (FIRST,), "of the files that were registered"),
    "a champion's other files": (BETTER, version("1", "c", CHAMPION), (FIRST,), "of the files that were registered"),
    "of before": (replace(BETTER, sha256="", champion_sha256=""), OLD, (FIRST,), "of the files that were registered"),
    "rolled back": (BETTER, OLD, (FIRST, PROMOTED, BACK), "it was rolled back after the comparison on record"),
    "too few": (replace(BETTER, differences=()), OLD, (FIRST,), "no improvement is shown: too few subjects to say"),
}


@pytest.mark.parametrize("why", UNFIT)
def test_evidence_of_something_else_is_objected_to(why: str) -> None:
    """Of another champion or other files, of before a rollback, or none: one line, which says what to do."""
    evidence, champion, appointments, said = UNFIT[why]
    (told,) = objections_to(version("2", "b", CHALLENGER, evidence=evidence), champion, appointments)
    assert said in told


def test_evidence_of_these_files_since_the_rollback_is_enough() -> None:
    """A comparison anew; that another version was rolled back meanwhile is nothing against this one."""
    found = replace(BETTER, appointments=3)
    assert objections_to(version("2", "b", evidence=found), OLD, (FIRST, PROMOTED, BACK)) == []
    assert objections_to(version("3", "b", evidence=BETTER), OLD, (FIRST, PROMOTED, BACK)) == []


def test_what_is_no_challenger_is_compared_by_its_number() -> None:
    """As the one that was rolled back is none."""
    (told,) = objections_to(version("2", "b"), OLD, (FIRST, PROMOTED, BACK))
    assert told.endswith("`lanewise compare DIR --model severity --version 2` compares it with the champion")


def test_nothing_speaks_against_the_champion_itself() -> None:
    """Promoting it again mends what is in service."""
    assert objections_to(OLD, OLD, ()) == []


@pytest.fixture
def own(home, tmp_path: Path) -> Registry:
    """A registry to write to: version 1 in service, 2 the challenger."""
    return Registry(copied_home(home.folder, tmp_path / "home"), MlflowParams())


def test_a_promotion_below_the_door_takes_evidence_or_a_reason(own: Registry) -> None:
    """What it rests on is said and on record; without, it is refused and the champion stays."""
    with pytest.raises(LanewiseError, match="takes two people"):
        promote(own, SEVERITY, "2", "ann", "Ann", AT, "fresher")
    with pytest.raises(LanewiseError, match="is not promoted"):
        promote(own, SEVERITY, "2", "ann", "bob", AT)
    assert in_service(own.home)[SEVERITY].version == "1"
    hashes = [own.version(SEVERITY, number).tags[HASH_TAG] for number in ("1", "2")]
    shown = replace(BETTER, champion_sha256=hashes[0], sha256=hashes[1])
    own.tag(SEVERITY, "2", {TAG: shown.as_tag()})
    done = promote(own, SEVERITY, "2", "ann", "bob", AT)
    assert f"it rests on a comparison with version 1 on {shown.on}" in done.lines()
    assert own.appointments(SEVERITY)[-1] == done.appointment
    assert done.appointment.evidence == f"compared with version 1 on {shown.on}"
    assert own.version(SEVERITY, "2").tags["evidence"] == done.appointment.evidence
    roll_back(own, SEVERITY, "cay", AT)
    with pytest.raises(LanewiseError, match="it was rolled back after the comparison on record"):
        promote(own, SEVERITY, "2", "ann", "bob", AT)


def test_a_version_is_compared_by_its_number(own: Registry, home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever alias it bears; the evidence is of its files and the champion's, and of now. Not with itself."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    own.client().delete_registered_model_alias(SEVERITY, CHALLENGER)
    with pytest.raises(NotThere, match="has no challenger"):
        compare(home.dataset, own, ModelName.SEVERITY)
    found = compare(home.dataset, own, ModelName.SEVERITY, version="2").evidence
    hashes = tuple(own.version(SEVERITY, number).tags[HASH_TAG] for number in ("1", "2"))
    assert (found.champion_sha256, found.sha256) == hashes
    assert found.appointments == len(own.appointments(SEVERITY)) == 1
    assert found.begin <= found.until
    with pytest.raises(LanewiseError, match=r"version 1 of small\.severity is the champion"):
        compare(home.dataset, own, ModelName.SEVERITY, version="1")


@pytest.mark.parametrize("number", ["1", "2"])
def test_changed_files_are_not_compared(own: Registry, home, number: str) -> None:
    """Champion's or challenger's: a comparison of other files would speak for those."""
    file = copy_of(own.home, SEVERITY, number) / "model.json"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(WrongModel, match=f"files of {SEVERITY} {number} .* were changed since they were registered"):
        compare(home.dataset, own, ModelName.SEVERITY)


def test_a_second_home_fetches_what_it_puts_in_service(own: Registry, home, tmp_path: Path) -> None:
    """It says which command mends it, which fetches the files; what differs from the registered is refused."""
    second = Registry(tmp_path / "second", MlflowParams(tracking_uri=own.uri))
    said = f"version none is in service, but the registry's champion is 1; `lanewise promote {SEVERITY} 1` mends it"
    assert f"{SEVERITY}: {said}" in disagreements(second.home, second.uri)
    with pytest.raises(LanewiseError, match=r"`lanewise promote small\.severity 1` mends it"):
        compare(home.dataset, second, ModelName.SEVERITY)
    promote(second, SEVERITY, "1", "ann", "bob", AT)
    assert in_service(second.home)[SEVERITY] == in_service(own.home)[SEVERITY]
    kept = [copy_of(registry.home, SEVERITY, "1") / "model.json" for registry in (own, second)]
    assert kept[0].read_bytes() == kept[1].read_bytes()
    assert SEVERITY not in "".join(disagreements(second.home, second.uri))
    second.tag(SEVERITY, "2", {HASH_TAG: "f" * 64})
    with pytest.raises(WrongModel, match="were changed since they were registered"):
        second.copy(second.version(SEVERITY, "2"))
    assert not (models_folder(second.home) / SEVERITY / "2").exists()


def test_files_that_are_nowhere_are_told(own: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where MLflow's artifacts are not reachable: what is missing, and where it has to come from."""
    monkeypatch.setattr("mlflow.MlflowClient.get_model_version_download_uri", lambda *_: (tmp_path / "away").as_uri())
    second = Registry(tmp_path / "second", MlflowParams(tracking_uri=own.uri))
    with pytest.raises(NotThere, match=r"version 1 of small\.severity is registered, but its files are neither in"):
        promote(second, SEVERITY, "1", "ann", "bob", AT)


def test_the_champion_is_found_among_any_number_of_others(own: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that others registered fill page after page; the champion is known, compared with and gone back to."""
    from mlflow import MlflowClient

    client = own.client()
    for number in range(4):
        client.create_registered_model(f"another.{number}")
        client.create_model_version(f"another.{number}", source="file:///nowhere")
    whole = {name: getattr(MlflowClient, name) for name in ("search_registered_models", "search_model_versions")}
    for name, search in whole.items():
        paged = lambda self, search=search, **asked: search(self, max_results=2, **asked)  # noqa: E731
        monkeypatch.setattr(MlflowClient, name, paged)
    assert own.champion(SEVERITY) == "1"
    assert len(own.versions()) == 6
    with pytest.raises(LanewiseError, match="no comparison with the champion"):
        promote(own, SEVERITY, "2", "ann", "bob", AT)
    promote(own, SEVERITY, "2", "ann", "bob", AT, "fresher")
    assert own.before(SEVERITY).version == "1"
