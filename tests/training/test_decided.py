"""What decisions would have cost is asked of the world for each row, and differs by predictions only."""

import shutil

import numpy as np
import pandas as pd
import pytest

from domain.errors import LanewiseError
from domain.params import CostParams
from domain.predictions import DENSE_LEVELS, ModelName
from domain.what_if import ASKED
from models.eta_risk import EtaRisk
from optimization.assumptions import assumed
from serving.commands.evaluate import _asking
from serving.commands.simulated_world import world_file
from simulator.network.params import SimulationParams
from simulator.simulate import TRUTH, simulate
from simulator.whatif.asked import World, world_beside
from store.dataset import Dataset, open_dataset
from tests.training.synthetic import OF_OTHERS
from training.comparison import compare
from training.decided import Asking, Unasked, choose, decisions_cost, price_known
from training.evaluation import resamples
from training.measures import slices_of

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
PRICES = CostParams(handling_per_min=0.5, late_per_min=1.0, notify=1.0, expedite_share=0.2, expedite=90.0)
PARAMS = SimulationParams(900, 60, 6, truth_sample=0)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return simulate(PARAMS, tmp_path_factory.mktemp("network") / "data").dataset


@pytest.fixture(scope="module")
def world(network: Dataset) -> World:
    """Found beside the data."""
    found = world_beside(network.folder)
    assert found is not None
    return found


def cases(rows: int, **columns: object) -> pd.DataFrame:
    known = {"stage": "AF", "price": 100.0, "late_after_min": 0.0, "late_penalty": np.nan, "open_exceptions": 0}
    return pd.DataFrame({**known, **columns}, index=range(rows))


def sure(*minutes: float) -> np.ndarray:
    """Delays that are certain."""
    return np.repeat(np.array(minutes)[:, None], len(DENSE_LEVELS), axis=1)


def test_the_cheapest_action_is_chosen() -> None:
    """By hand, a late minute costs 1: telling costs 1 + 2 · 0.5 and saves 15 %, speed 20 + 10 · 0.5 and saves half."""
    assert (assumed("notify_relief"), assumed("expedite_removed")) == (0.15, 0.5)
    minutes = (0.0, 13.0, 14.0, 65.0, 66.0)
    chosen = choose(sure(*minutes), cases(5), PRICES)
    assert chosen.tolist() == ["do_nothing", "do_nothing", "notify", "notify", "expedite"]
    assert choose(sure(66.0), cases(1, stage="X1"), PRICES).tolist() == ["notify"]
    assert choose(sure(66.0), cases(1, price=np.nan), PRICES).tolist() == ["notify"]
    assert choose(sure(66.0), cases(1, late_after_min=60.0), PRICES).tolist() == ["do_nothing"]


def test_a_price_is_known_from_the_moment_of_its_offer_on() -> None:
    """The last of a shipment's own offers known by then; another's never."""
    at = pd.to_datetime(["2024-01-02", "2024-01-04", "2024-01-01", "2024-01-09"], utc=True)
    subjects = pd.DataFrame({"subject_id": ["a", "a", "a", "b"], "as_of": at})
    known = pd.to_datetime(["2024-01-03", "2024-01-02"], utc=True)
    tenders = pd.DataFrame({"shipment_id": ["a", "a"], "known_at": known, "price": [7.0, 5.0]})
    np.testing.assert_array_equal(price_known(tenders, subjects), [5.0, 7.0, np.nan, np.nan])


def test_a_world_beside_the_data_is_the_one_that_made_them(network: Dataset, world: World, tmp_path) -> None:
    """Every shipment of the tables is found in it; where the parameters are not there or are none, no world is."""
    assert world.params == PARAMS
    assert set(network.table("shipments")["shipment_id"]) <= set(world.keys)
    assert world_beside(tmp_path) is None
    (tmp_path / TRUTH).mkdir()
    (tmp_path / TRUTH / "world.json").write_text('{"shipments": "many"}')
    assert world_beside(tmp_path) is None
    with pytest.raises(LanewiseError, match="does not make the shipment X any more"):
        world.costs(["X"], ["notify"], pd.Series(pd.to_datetime(["2024-01-02"], utc=True)))


def test_a_notification_costs_its_price_more_where_it_changes_nothing(network: Dataset, world: World) -> None:
    """Of a delivered load: as_of after delivery nothing can be done, and costs nothing."""
    ids = network.table("shipments")["shipment_id"].drop_duplicates().tolist()[:40]
    late = pd.Series(pd.to_datetime(["2024-06-01"] * 40, utc=True))
    idle, told = (world.costs(ids, [kind] * 40, late) for kind in ("do_nothing", "notify"))
    np.testing.assert_array_equal(idle, told)


class Calmer(EtaRisk):
    """Expects ten hours less than it should."""

    def quantiles(self, frame, levels):
        return super().quantiles(frame, levels) - 600.0


class Ledger:
    """A world that remembers what it was asked; each action has its price, and each shipment its own."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def costs(self, shipments, actions, as_of) -> np.ndarray:
        assert len(shipments) == len(actions) == len(as_of)
        self.asked += zip(shipments, actions, strict=True)
        return np.array([int(s[1:]) + 10.0 * ASKED.index(a) for s, a in zip(shipments, actions, strict=True)])


def test_versions_differ_where_they_decide_differently(home) -> None:
    """Against a sum over rows by hand; the same version twice differs by nothing, whatever the world says."""
    fitted = home.first.trained[0].fitted
    subjects, frame = fitted.split.test.subjects, fitted.test_frame
    slices = slices_of(ModelName.ETA_RISK, subjects, frame)
    other = Calmer(**vars(fitted.model))
    ledger = Ledger()
    found = decisions_cost(home.dataset, (fitted.model, other), subjects, frame, slices, Asking(ledger, CostParams()))
    number = subjects["subject_id"].str[1:].astype(int).to_numpy()
    assert found.actions[0] != found.actions[1]
    assert found.means[0] == pytest.approx(number.mean())
    spent = [
        number.mean() + 10 * sum(ASKED.index(kind) * rows for kind, rows in one.items()) / len(frame)
        for one in found.actions
    ]
    assert found.means[1:] == pytest.approx(spent)
    overall = found.differences[0]
    assert overall.value == pytest.approx(spent[1] - spent[0])
    assert overall.low < overall.value < overall.high
    same = decisions_cost(home.dataset, (other, other), subjects, frame, slices, Asking(ledger, CostParams()))
    assert same.differing == 0
    assert {(one.value, one.low, one.high) for one in same.differences} == {(0.0, 0.0, 0.0)}
    assert "they decide differently on 0 rows" in "\n".join(same.lines("USD"))


def test_a_comparison_tells_what_decisions_would_have_cost_where_a_world_is_asked(home, monkeypatch) -> None:
    """In its summary and its JSON; it is not judged, so that evidence for a promotion is the same without it."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    asked = compare(home.dataset, home.registry, ModelName.ETA_RISK, Asking(Ledger(), CostParams()))
    plain = compare(home.dataset, home.registry, ModelName.ETA_RISK)
    assert asked.as_json()["decisions"]["mean_cost"].keys() == {"do_nothing", "champion", "challenger"}
    assert (plain.as_json()["decisions"], plain.as_json()["decisions_untold"]) == (None, None)
    assert "what decisions by each would have cost in the simulated world" in asked.summary()
    assert "would have cost" not in plain.summary()
    assert asked.evidence == plain.evidence


def test_the_door_finds_the_world_of_simulated_data_only(network: Dataset, home, tmp_path) -> None:
    """With the prices in force: the manifest's, else the settings'; only eta_risk's decisions are priced."""
    asking = _asking(network, tmp_path, ModelName.ETA_RISK)
    assert isinstance(asking.world, World)
    assert (asking.prices.late_per_min, asking.prices.expedite) == (0.8, CostParams().expedite)
    assert _asking(network, tmp_path, ModelName.SEVERITY) == Unasked()
    assert _asking(home.dataset, tmp_path, ModelName.ETA_RISK) == Unasked()


def test_simulated_data_without_their_world_say_why_no_cost_is_told(network, home, tmp_path, monkeypatch) -> None:
    """As after an import of simulated tables: in the summary and the JSON, with the file that is to be copied."""
    shutil.copytree(network.folder, tmp_path / "again", ignore=shutil.ignore_patterns(TRUTH))
    again = open_dataset(tmp_path / "again")
    unasked = _asking(again, tmp_path, ModelName.ETA_RISK)
    assert isinstance(unasked, Unasked)
    assert str(world_file(again.folder)) in unasked.why
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    told = compare(home.dataset, home.registry, ModelName.ETA_RISK, unasked)
    assert f"would have cost is not told: {unasked.why}" in told.summary()
    assert told.as_json()["decisions_untold"] == unasked.why
    shutil.copytree(network.folder / TRUTH, again.folder / TRUTH)
    assert isinstance(_asking(again, tmp_path, ModelName.ETA_RISK), Asking)


def test_other_models_decide_nothing(home) -> None:
    fitted = home.first.trained[1].fitted
    subjects, frame = fitted.split.test.subjects, fitted.test_frame
    asking = Asking(Ledger(), CostParams())
    assert decisions_cost(home.dataset, (fitted.model, fitted.model), subjects, frame, {}, asking) is None


def test_rows_of_a_subject_are_drawn_together() -> None:
    """As often as each other, and a draw has as many subjects as there are."""
    subjects = pd.Series(["a", "b", "b", "c", "c", "c"])
    for rows in resamples(subjects):
        drawn = subjects.iloc[rows].value_counts()
        assert all(drawn[name] % many == 0 for name, many in (("b", 2), ("c", 3)) if name in drawn)
        assert sum(drawn.get(name, 0) / many for name, many in (("a", 1), ("b", 2), ("c", 3))) == 3
        assert sorted(set(rows[subjects.iloc[rows] == "c"])) in ([], [3, 4, 5])
