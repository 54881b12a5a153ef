"""What the record tells of hidden things is neither too bold nor too shy, and made of nothing else."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from simulator.flow.conditions import CREW_SPREAD, MOOD_SPREAD
from simulator.flow.tendering import ACCEPTED, CANCELLED
from simulator.network.clock import DAY
from simulator.network.metros import REGIONS
from simulator.network.noise import Floats, Noise
from simulator.record.reporting import MEAN_MIN, delay
from simulator.truth.hardness import GRID, Belief, believed, by_record, lead_moments
from simulator.truth.hearing import ByReport, not_yet_told
from simulator.truth.lattice import BLOCK, Lattice, key_of, replica_keys
from simulator.truth.running import Running
from simulator.truth.surroundings import AsItIs, Intake
from tests.simulator.witnessed import beliefs, past
from tests.simulator.witnessed import believed as surroundings


def calibrated(truth: Floats, mean: Floats, spread: Floats, least_gain: float, prior: float) -> None:
    """Errors have the spread that was claimed, do not lean with the belief, and are smaller than the prior's."""
    error = (truth - mean) / spread
    assert abs(error.mean()) < 4 / np.sqrt(len(error))
    assert error.std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * len(error)) + 0.02)
    slope, doubt = np.cov(truth, mean)[0, 1] / mean.var(), error.std() * spread.mean() / mean.std() / len(mean) ** 0.5
    assert slope == pytest.approx(1.0, abs=4 * doubt)
    assert (truth - mean).std() < (1 - least_gain) * prior


def moments(belief: Belief) -> tuple[Floats, Floats]:
    mean = belief.weight @ GRID
    return mean, np.sqrt(belief.weight @ GRID**2 - mean**2)


def test_hardness_is_believed_as_far_as_the_record_goes() -> None:
    """At release by lead time and note, in the end by all answers too, which tell more."""
    loads = past().finished
    at_release = moments(beliefs().hardness(loads.key, loads.released_at))
    in_the_end = moments(beliefs().hardness(loads.key, np.full(len(loads), 1e12)))
    calibrated(loads.hard, *at_release, 0.05, 1.0)
    calibrated(loads.hard, *in_the_end, 0.1, 1.0)
    assert (loads.hard - in_the_end[0]).std() < (loads.hard - at_release[0]).std()


def test_lead_time_alone_tells_of_hardness_what_its_closed_form_says() -> None:
    """Over all loads released, with the rounding to dock hours in the data."""
    released, noise = past().released, past().world.noise
    mean, variance = lead_moments(past().world, released)
    calibrated(noise.normal("hard", released.key), mean, np.sqrt(variance), 0.02, 1.0)


def test_the_record_leaves_no_load_without_a_belief() -> None:
    """Every load released could have been released: its likelihood is positive somewhere, and draws follow it."""
    belief = believed(by_record(past().world, past().released))
    assert np.isfinite(belief.weight).all()
    np.testing.assert_allclose(belief.weight.sum(axis=1), 1.0)
    some = Belief(belief.weight[:50])
    drawn = some.drawn(np.tile((np.arange(2_000) + 0.5) / 2_000, (50, 1)))
    np.testing.assert_allclose(drawn.mean(axis=1), moments(some)[0], atol=0.01)


def test_moods_are_believed_by_the_answers_of_the_week() -> None:
    """By the end of each week with ten answers or more, and by nothing at its beginning."""
    offers, world = past().offers, past().world
    week = world.clock.day(offers.offered_at) // 7
    pairs, counts = np.unique(np.stack([offers.carrier, week]), axis=1, return_counts=True)
    carrier, of_week = pairs[:, counts >= 10]
    truth = MOOD_SPREAD * world.noise.normal("mood", carrier, of_week)
    end = beliefs().mood(carrier, of_week * 7, np.full(len(carrier), np.inf))
    calibrated(truth, *end, 0.05, MOOD_SPREAD)
    before = beliefs().mood(carrier, of_week * 7, of_week * 7.0 * DAY)
    assert (before[0] == 0.0).mean() > 0.99
    assert before[1].max() == MOOD_SPREAD


def test_an_answer_moves_the_belief_in_a_mood_its_own_way_and_not_before_it_is_told() -> None:
    """A yes raises it and a no lowers it, from the moment it is on record."""
    offers, told = past().offers, past().answered_at
    rows = np.flatnonzero(offers.outcome != CANCELLED)[:500]
    day = past().world.clock.day(offers.offered_at[rows])
    before, _ = beliefs().mood(offers.carrier[rows], day, told[rows] - 1e-3)
    after, _ = beliefs().mood(offers.carrier[rows], day, told[rows])
    moved = np.where(offers.outcome[rows] == ACCEPTED, after - before, before - after)
    assert (moved > 0).mean() > 0.98  # two answers may be told in the same second


def test_crews_are_believed_by_the_loadings_of_the_day() -> None:
    """After the day, where there were four loadings or more."""
    seen, world = past().loadings, past().world
    pairs, counts = np.unique(np.stack([seen.centre, seen.day]), axis=1, return_counts=True)
    centre, day = pairs[:, counts >= 4]
    truth = CREW_SPREAD * world.noise.normal("crew", centre, day)
    calibrated(truth, *beliefs().crew(centre, day, np.full(len(day), np.inf)), 0.05, CREW_SPREAD)


def test_storms_and_markets_are_foretold_without_lean() -> None:
    """Three days ahead, over all moments: the mean of draws is what came, and closer to it than the average is."""
    at = surroundings()
    rows = replica_keys(at.sample.loads.key, 32)
    day = at.sample.day[at.sample.of(rows)] + 3
    known = AsItIs(at.sample)
    cell, region = np.arange(len(rows)) // 32 % 36, np.arange(len(rows)) // 32 % len(REGIONS)
    for name, where in (("storm", (cell, day)), ("tightness", (day, region))):
        told = getattr(at, name)(*where, rows).reshape(-1, 32).mean(axis=1)
        came = getattr(known, name)(*where, rows).reshape(-1, 32)[:, 0]
        # Loads of one day share their weather and market: moments count by day.
        days = len(np.unique(day))
        assert abs((came - told).mean()) < 4 * (came - told).std() / np.sqrt(days)
        assert ((came - told) ** 2).mean() < ((came - came.mean()) ** 2).mean()


def test_bookings_to_come_are_foretold_without_lean() -> None:
    """The crowd expected at release is, on average, the one met at the dock, the load itself counted."""
    at, loads = surroundings(), past().finished
    rows = replica_keys(loads.key, 32)
    centre = past().world.lanes.centre[loads.lane]
    again = np.repeat(np.arange(len(loads)), 32)
    told = at.with_bookings(loads.covered_at[again]).crowd(centre[again], loads.ready_at[again], rows)
    told = told.reshape(-1, 32).mean(axis=1)
    error = loads.crowd - told
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error) / 4)
    assert error.std() < loads.crowd.std()
    exact = AsItIs(at.sample).with_bookings(loads.covered_at)
    met = exact.crowd(centre, loads.ready_at, replica_keys(loads.key, 1))
    np.testing.assert_allclose(met, loads.crowd)


def test_more_is_booked_the_longer_there_is_time() -> None:
    """Expected bookings to come grow with the days ahead, and are none when the day begins."""
    intake = Intake.of(past())
    assert not intake.dock[..., 0].any()
    by_days = intake.dock.sum(axis=(0, 1, 2))
    assert by_days[1] < by_days[2] < by_days[4]


def test_sums_of_evidence_are_those_of_a_plain_loop() -> None:
    """By group, entries known at or before the moment, over random groups and times."""
    noise = Noise(3)
    who = np.arange(400)
    group, known = (noise.uniform("g", who) * 7).astype(np.int64), np.round(50 * noise.uniform("t", who))
    running = Running.of(group, known, who * 1.0, span_min=1_000.0)
    for asked in range(8):
        for moment in (0.0, 13.0, 25.0, 60.0):
            row, found = running.until(np.array([asked]), np.array([moment]))
            wanted = who[(group == asked) & (known <= moment)].sum()
            assert wanted == pytest.approx(float((running.values[row] * found)[0]))


def test_a_report_is_late_as_often_as_the_law_says() -> None:
    """The closed form against 200,000 reports of each channel."""
    who = np.arange(200_000)
    for channel in range(len(MEAN_MIN)):
        late = delay(past().world, "X3", np.full(len(who), channel), who)
        for passed in (2.0, 20.0, 90.0, 600.0):
            law = not_yet_told(np.array([MEAN_MIN[channel]]), np.array([passed]))[0]
            assert (late > passed + 1.5 / 60).mean() == pytest.approx(law, abs=0.004)


def test_what_is_on_record_is_not_known_before_it_is_told() -> None:
    """Facts at departure hold no halfway; long after delivery they hold what was reported at all."""
    loads = past().finished
    early, late = (
        ByReport().facts(past().world, loads, moment) for moment in (loads.departed_at, loads.departed_at + 1e6)
    )
    assert np.isnan(early.told[2:]).all()
    assert np.isfinite(late.told).mean(axis=1) == pytest.approx([0.97, 0.98, 0.9, 0.96, 0.996], abs=0.03)
    assert late.sure.mean(axis=1) == pytest.approx(np.full(5, 0.04), abs=0.015)


def test_replicas_are_uniform_one_by_one_and_even_together() -> None:
    """Each draw is uniform and independent of other streams; a block of 32 has one draw in each 32nd of the range."""
    noise, keys = Lattice(11), replica_keys(np.arange(5_000), 64)
    one, other = noise.uniform("one", keys), noise.normal("other", keys, 3)
    assert kstest(one[7::64], "uniform").pvalue > 1e-4
    assert kstest(other[40::64], norm.cdf).pvalue > 1e-4
    assert abs(np.corrcoef(one[7::64], other[7::64])[0, 1]) < 0.06
    slices = np.sort((one.reshape(-1, BLOCK) * BLOCK).astype(int), axis=1)
    assert (np.diff(slices, axis=1) == 1).mean() > 0.999
    assert np.corrcoef(one.reshape(-1, 2, BLOCK).mean(axis=2).T)[0, 1] == pytest.approx(0.0, abs=0.06)
    np.testing.assert_array_equal(key_of(keys), np.repeat(np.arange(5_000), 64))


def test_other_keys_are_drawn_as_ever() -> None:
    """Whoever is no replica gets the same chance from the lattice as from plain noise."""
    who = np.arange(100)
    np.testing.assert_array_equal(Noise(5).uniform("stream", who, 2), Lattice(5).uniform("stream", who, 2))
