"""Champions follow outcomes as they become known, never later; refused beyond the bounds; logged, and revertible."""

import json
import shutil
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from domain.errors import LanewiseError, NotThere, WrongModel
from domain.manifest import CalibrationBounds
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.calibration.shift import Shift, Shifts
from models.shares import LOG_ODDS, ShareMap, Sides
from models.shelf import take
from models.update import Update
from store.current import in_service, models_folder
from store.dataset import Dataset
from store.updates import Fate, kept_update, logged
from store.writing import write_dataset
from tests.training.synthetic import MANIFEST, OF_OTHERS, T, network
from training.counting import DAY as DAY_LONG
from training.counting import EPOCH
from training.day_by_day import served_on, told_day_by_day
from training.following import follow_heads, since_training
from training.recalibration import learn_update, objections, recalibrate, revert

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)

TENDER = ModelName.TENDER_FAILURE
BOUNDS = CalibrationBounds(largest_shift=3.0, fewest_outcomes=20)
DAY = (T + pd.Timedelta(days=15)).to_pydatetime()
AT = "2024-05-01T00:00:00Z"


def turned(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """From T on two in three offers that were accepted are rejected."""
    tenders = tables["tenders"]
    later = (tenders["offered_at"] >= T) & (np.arange(len(tenders)) % 3 > 0)
    outcome = tenders["outcome"].mask(later, "rejected")
    return tables | {"tenders": tenders.assign(outcome=outcome)}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Dataset:
    manifest = replace(MANIFEST, calibration=BOUNDS)
    return write_dataset(tmp_path_factory.mktemp("turned") / "data", manifest, turned(network()))


@pytest.fixture
def copied(home, tmp_path) -> Path:
    """The trained home's copies of models, to be written to."""
    shutil.copytree(home.folder / "var" / "models", tmp_path / "var" / "models")
    return tmp_path


def update(data: Dataset, home: Path, as_of: datetime = DAY, by: str = "ann"):
    return recalibrate(data, home, TENDER, as_of, by, AT)


def test_a_champion_follows_the_turn_and_everything_says_so(data, copied):
    """The sub-version is served, shifted by what the log says, and beats the model as it was trained."""
    before = take(copied, data, TENDER)
    done = update(data, copied)
    after = take(copied, data, TENDER)
    (record,) = logged(copied, before.name)
    shift, slope, bends = (record.told[name]["fails"]["offer"] for name in ("shifts", "slopes", "bends"))
    assert done.record == record
    assert (record.fate, record.by, record.at, record.before) == (Fate.APPLIED, "ann", AT, "")
    assert (record.fingerprint, record.as_of) == (data.fingerprint, "2024-03-16T00:00:00Z")
    assert record.told["outcomes"] > 50
    assert shift > 0.5
    lost, left = record.told["log_loss"]["fails"]
    assert left < lost
    assert after.version == f"{before.version}+{record.update[:8]}"
    assert after.sha256 == record.update
    assert after.provenance.trained_until == record.as_of
    frame = FeatureFrames(data).of(TENDER, since_training(FeatureFrames(data), TENDER, T, DAY).part.subjects)
    said, trained = (logit(one.model.predict(frame)["p_fail"]) for one in (after, before))
    expected = Shift(shift, slope, record.told["around"]["fails"], tuple(bends))
    assert expected.slope != 0 != expected.bend
    np.testing.assert_allclose(said, expected.of(trained), atol=1e-9)
    told = after.model.explain(frame)
    np.testing.assert_allclose(told.margin + told.calibration, logit(told.probability), atol=1e-9)


def test_nothing_known_later_is_used(data, copied, tmp_path):
    """As of a day the update is the same whatever is planted after that day; the planted data do change a later one."""
    tables = turned(network())
    tenders = tables["tenders"]
    later = tenders["offered_at"] >= pd.Timestamp(DAY) - pd.Timedelta(hours=1)
    other = tenders.assign(outcome=tenders["outcome"].mask(later, "accepted"))
    planted = write_dataset(tmp_path / "planted", data.manifest, tables | {"tenders": other})
    champion = take(copied, data, TENDER, updated=False)
    told = [learn_update(one, champion, TENDER, DAY) for one in (data, planted)]
    assert told[0].shifts == told[1].shifts
    assert told[0].log_loss == told[1].log_loss
    week = DAY + timedelta(days=7)
    assert learn_update(data, champion, TENDER, week).shifts != learn_update(planted, champion, TENDER, week).shifts


def test_the_same_day_gives_the_same_sub_version_however_often_it_is_run(data, copied, tmp_path):
    """Every day in turn, or the last day only: same bytes."""
    shutil.copytree(copied / "var", tmp_path / "once" / "var")
    for days in (4, 2, 0):
        update(data, copied, DAY - timedelta(days=days))
    update(data, tmp_path / "once")
    name = f"{data.manifest.name}.{TENDER}"
    assert in_service(copied)[name] == in_service(tmp_path / "once")[name]


def test_beyond_the_bounds_it_is_refused_logged_and_changes_nothing(data, copied, tmp_path):
    """The message says how far, how far it may, and where that is set; so it does for too few outcomes."""
    strict = write_dataset(
        tmp_path / "strict", replace(data.manifest, calibration=CalibrationBounds(0.1, 1000)), turned(network())
    )
    before = in_service(copied)
    done = update(strict, copied)
    assert done.refused
    assert "fails by +" in done.words
    assert "beyond the 0.1 that is allowed ([calibration] largest_shift" in done.words
    assert "fewer than the 1000 needed ([calibration] fewest_outcomes" in done.words
    assert in_service(copied) == before
    (record,) = logged(copied, f"small.{TENDER}")
    assert (record.fate, record.reason in done.words) == (Fate.REFUSED, True)
    assert record.told["shifts"]["fails"]["offer"] > 0.1


def test_a_slope_beyond_its_bound_is_refused(data, copied, tmp_path):
    """Even where the shift lies within its own; the message names the bound."""
    bounds = replace(BOUNDS, largest_slope=1e-4)
    strict = write_dataset(tmp_path / "strict", replace(data.manifest, calibration=bounds), turned(network()))
    done = update(strict, copied)
    assert done.refused
    assert "spread log-odds of fails by " in done.words
    assert "beyond the 0.0001 that is allowed ([calibration] largest_slope" in done.words


def test_a_bend_beyond_the_bound_is_refused():
    """Named by head and stage, with its size and the bound of shifts; within it nothing is said."""
    bent = {"late": Shifts((("AF", Shift(bends=(0.0,) * 6 + (-2.5,))), ("release", Shift(bends=(1.9,) * 7))))}
    (said,) = objections(bent, {}, 1e6, replace(BOUNDS, largest_shift=2.0))
    assert "bend log-odds of late at AF by +2.500, beyond the 2 that is allowed ([calibration] largest_shift" in said


def test_updates_of_earlier_formats_are_read():
    """One shift for all stages, the first without a slope, the third without bends; bytes stay as they are."""
    said = {"name": "n", "version": "1", "sha256": "s", "as_of": "t", "fingerprint": "f", "outcomes": 3.0}
    content = json.dumps({"format": 1, **said, "shifts": {"fails": 0.4}, "log_loss": {"fails": [0.2, 0.1]}}).encode()
    assert Update.from_bytes(content).learned == {"fails": Shifts(others=Shift(0.4))}
    sloped = json.loads(content) | {"format": 2, "slopes": {"fails": 0.1}, "around": {"fails": -1.0}}
    assert Update.from_bytes(json.dumps(sloped).encode()).learned == {"fails": Shifts(others=Shift(0.4, 0.1, -1.0))}
    apart = json.loads(content) | {"format": 3, "shifts": {"fails": {"offer": 0.4}}, "slopes": {}, "around": {}}
    assert Update.from_bytes(json.dumps(apart).encode()).learned == {"fails": Shifts((("offer", Shift(0.4)),))}


def test_an_update_that_has_lost_more_than_none_says_so():
    """Which head, in the words that are shown; nothing where it helped."""
    shifts, losses = {"one": {"raised": 0.1}, "two": {"raised": 0.1}}, {"one": (0.4, 0.3), "two": (0.4, 0.4)}
    helped = Update("d.severity", "1", "", "", "", shifts, 9.0, losses)
    harmed = replace(helped, log_loss={"one": (0.4, 0.3), "two": (0.4, 0.5)})
    assert "would have lost less" not in helped.words
    assert harmed.words.endswith("as trained two would have lost less so far")


def test_a_revert_goes_back_one_update_at_a_time(data, copied):
    """Two updates, two ways back, and a third that is refused; each is logged with who."""
    first, second = update(data, copied, DAY - timedelta(days=5)), update(data, copied)
    assert second.record.before == first.record.update
    assert revert(data, copied, TENDER, "bob", AT).record.update == first.record.update
    assert take(copied, data, TENDER).version == f"1+{first.record.update[:8]}"
    revert(data, copied, TENDER, "cay", AT)
    assert take(copied, data, TENDER).version == "1"
    with pytest.raises(NotThere, match="as it was trained"):
        revert(data, copied, TENDER, "bob", AT)
    assert [one.by for one in logged(copied, f"small.{TENDER}")] == ["ann", "ann", "bob", "cay"]


def test_no_revert_to_an_update_that_was_changed(data, copied):
    """It could not be served; the present one stays, and running the job for its day again mends it."""
    name, earlier = f"small.{TENDER}", DAY - timedelta(days=5)
    first, second = update(data, copied, earlier).record.update, update(data, copied).record.update
    file = models_folder(copied) / name / f"1+{first[:8]}" / "update.json"
    file.write_text("{}")
    with pytest.raises(WrongModel, match=r"update\.json was changed"):
        revert(data, copied, TENDER, "bob", AT)
    assert in_service(copied)[name].update == second
    assert len(logged(copied, name)) == 2
    update(data, copied, earlier)
    assert take(copied, data, TENDER).version == f"1+{first[:8]}"


def test_any_sub_version_can_be_taken_again(data, copied):
    """By its name, also when another is in service; the plain number is the model as trained."""
    first = update(data, copied, DAY - timedelta(days=5)).record.update
    update(data, copied)
    again = take(copied, data, TENDER, f"1+{first[:8]}")
    assert again.sha256 == first
    assert take(copied, data, TENDER, "1").version == "1"
    with pytest.raises(NotThere, match="no update"):
        take(copied, data, TENDER, "1+00000000")


def test_an_update_of_other_files_is_refused(data, copied):
    """A model whose files are not those that the update was learned with is not shifted."""
    name, kept = f"small.{TENDER}", update(data, copied).record.update
    file = models_folder(copied) / name / "1" / "model.json"
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"more": 1}))
    for asked in (lambda: take(copied, data, TENDER), lambda: take_sub_version(copied, data, kept)):
        with pytest.raises(WrongModel, match="changed since"):
            asked()


def take_sub_version(home: Path, data: Dataset, update: str):
    """Where nothing in service vouches for the files of its version."""
    (models_folder(home) / "current.json").write_text("{}")
    return take(home, data, TENDER, f"1+{update[:8]}")


@pytest.mark.parametrize("moved", [timedelta(days=-30), timedelta(days=90)])
def test_a_moment_before_training_or_after_the_cut_off_is_refused(data, copied, moved):
    """The message names the span."""
    with pytest.raises(LanewiseError, match="between its training"):
        update(data, copied, DAY + moved)


@pytest.mark.parametrize("name", list(ModelName))
def test_every_head_of_every_model_is_followed(data, copied, name):
    """Shifts of all heads; predictions stay what they must be."""
    done = recalibrate(data, copied, name, DAY, "ann", AT)
    model = take(copied, data, name).model
    assert set(done.record.told["shifts"]) == set(model.heads)
    since = since_training(FeatureFrames(data), name, T, DAY)
    told = model.predict(since.frame)
    chances = told[[column for column in told if column.startswith("p_")]]
    assert ((chances >= 0) & (chances <= 1)).all(axis=None)
    for head, one in follow_heads(model, since, DAY).items():
        stages = one.shift.by_stage
        assert set(stages) == set(since.frame["stage"])
        served = model.heads[head].shift.by_stage
        assert served == {stage: shift.rounded(6) for stage, shift in stages.items()}
        for what, name in (("shifts", "by"), ("slopes", "slope"), ("bends", "bends")):
            kept = done.record.told[what][head]
            assert {stage: np.ravel(one).tolist() for stage, one in kept.items()} == {
                stage: np.ravel(getattr(shift, name)).tolist() for stage, shift in served.items()
            }


def test_intervals_follow_where_delays_fell(data, copied):
    """What is served is what was kept, P(late) is the head's alone, and the log leaves them out."""
    done = recalibrate(data, copied, ModelName.ETA_RISK, DAY, "ann", AT)
    trained, served = (take(copied, data, ModelName.ETA_RISK, updated=one).model for one in (False, True))
    kept = kept_update(copied, f"small.{ModelName.ETA_RISK}", "1", done.record.update)
    assert () in served.shape.further
    assert Update.from_bytes(kept).further.keys() == served.shape.further.keys()
    assert "sides" not in done.record.told
    frame = since_training(FeatureFrames(data), ModelName.ETA_RISK, T, DAY).frame
    alone, both = served.with_further({}).predict(frame), served.predict(frame)
    assert (alone["p_late"] == both["p_late"]).all()
    reach = trained.shape.scale.reach_min
    assert (alone["q95"] != both["q95"])[alone["q95"] < reach].mean() > 0.9
    assert not trained.shape.further


def test_intervals_that_move_too_far_are_refused(data, copied, tmp_path):
    """By the bound of shifts; the message names the group."""
    far = {("AF",): Sides(ShareMap(LOG_ODDS), ShareMap(LOG_ODDS + 2.5))}
    assert objections({}, far, 1e6, CalibrationBounds(largest_shift=2.6)) == []
    (reason,) = objections({}, far, 1e6, CalibrationBounds())
    assert "where delays of AF by +2.500 fall in log-odds, beyond the 2 that" in reason


@pytest.mark.parametrize("name", [TENDER, ModelName.ETA_RISK])
def test_day_by_day_is_what_the_job_puts_in_service(data, copied, name):
    """Each day's rows are told as by the update that `recalibrate` makes on that day; as trained while it refuses."""
    champion, end = take(copied, data, name, updated=False).model, (T + pd.Timedelta(days=30)).to_pydatetime()
    since = since_training(FeatureFrames(data), name, T, end)
    followed = follow_heads(champion, since, end)
    first = int((T - EPOCH) // DAY_LONG)
    served = dict(served_on(champion, since, followed, BOUNDS))
    for days in (6, 12, 18):
        recalibrate(data, copied, name, (T + pd.Timedelta(days=days)).to_pydatetime(), "ann", AT)
        expected = take(copied, data, name).model.heads
        for head, one in served[first + days].heads.items():
            told, theirs = (each.shift.by_stage for each in (one, expected[head]))
            assert set(told) == set(theirs)
            for stage, shift in told.items():
                assert np.hstack(astuple(shift)) == pytest.approx(np.hstack(astuple(theirs[stage])), abs=1e-6)
    strict = told_day_by_day(champion, since, followed, CalibrationBounds(1e-9))
    pd.testing.assert_frame_equal(strict, champion.predict(since.frame))
    assert told_day_by_day(champion, since, followed, BOUNDS).index.equals(since.frame.index)


def test_outcomes_count_when_their_like_are_known(data):
    """Deliveries of the last days, of which only the quick ones are known, do not count yet; every subject weighs 1."""
    since = since_training(FeatureFrames(data), ModelName.ETA_RISK, T, DAY)
    outcome, subjects = since.part.outcome, since.part.subjects
    assert (outcome.groupby(subjects["subject_id"])["counts_weight"].sum().round(9) == 1).all()
    known = (outcome["known_at"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(days=1)
    assert (outcome["counts_day"] >= known).all()
    assert (outcome["counts_day"] > known).mean() > 0.5
