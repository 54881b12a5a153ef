"""A promotion is objected to without an improvement, with harm to a slice, and without a comparison of today."""

from dataclasses import replace

import numpy as np
import pandas as pd

from domain.predictions import ModelName
from training.evidence import ALL, TAG, Difference, Evidence, differences_of, evidence_of

ROWS = 4000
TENDER = ModelName.TENDER_FAILURE


def judged(better: float, in_b: float) -> tuple[Difference, ...]:
    """Champion and challenger on rows of two slices; the challenger knows more of a, and of b as told."""
    draw = np.random.default_rng(3)
    truth = 1 / (1 + np.exp(-draw.normal(-1, 1.5, ROWS)))
    y = (draw.random(ROWS) < truth).astype(float)
    b = np.arange(ROWS) % 4 == 0
    champion = 0.5 * truth + 0.5 * truth.mean()
    knows = np.where(b, in_b, better)
    challenger = np.clip(champion + knows * (truth - champion), 0.01, 0.99)
    said = [pd.DataFrame({"p_fail": p}) for p in (champion, challenger)]
    subjects = pd.Series([f"t{k // 2}" for k in range(ROWS)])
    slices = {"month=a": ~b, "month=b": b, "month=c": np.arange(ROWS) < 20}
    return differences_of(TENDER, pd.DataFrame({"value": y}), said, subjects, slices, (1.0, 2.0, 3.0))


def evidence(differences: tuple[Difference, ...], champion: str = "1") -> Evidence:
    return Evidence(champion, "2024-05-01", ROWS, "f" * 64, differences)


def test_an_improvement_without_harm_is_not_objected_to() -> None:
    """Better in both slices."""
    assert evidence(judged(1.0, 1.0)).objections() == []


def test_no_improvement_is_objected_to() -> None:
    """The same probabilities: neither better nor worse."""
    (said,) = evidence(judged(0.0, 0.0)).objections()
    assert said.startswith("no improvement is shown: log_loss +0 [+0, +0]")


def test_harm_to_a_slice_is_objected_to_by_its_name() -> None:
    """Better overall, far worse in b."""
    found = judged(1.0, -0.9)
    assert found[0].where == ALL
    assert found[0].better
    (said,) = evidence(found).objections()
    assert said.startswith("significantly worse: log_loss +")
    assert "month=b" in said
    assert "month=a" not in said


def test_every_objection_is_a_line_of_its_own() -> None:
    """One figure of one slice each; of many the first six, and how many more there are."""
    unshown = Difference(ALL, "log_loss", 0.0, -1.0, 1.0), Difference(ALL, "pinball_min", 0.0, -1.0, 1.0)
    harmed = tuple(Difference(f"month={k}", "log_loss", 2.0, 1.0, 3.0) for k in range(8))
    said = evidence((*unshown, *harmed)).objections()
    assert said[:2] == [f"no improvement is shown: {name} +0 [-1, +1]" for name in ("log_loss", "pinball_min")]
    assert said[2:8] == [f"significantly worse: log_loss +2 [+1, +3] in month={k}" for k in range(6)]
    assert said[8:] == ["significantly worse: 2 more"]


def test_a_slice_of_few_subjects_is_not_judged() -> None:
    """Ten subjects."""
    assert {one.where for one in judged(1.0, 1.0)} == {ALL, "month=a", "month=b"}


def test_harm_by_chance_is_hardly_ever_told() -> None:
    """60 pairs of forecasters that are equally good, in 5 slices: at most 5 % object to a slice, and some luck."""
    draw, objected = np.random.default_rng(4), 0
    slices = {f"month={k}": np.arange(600) % 5 == k for k in range(5)}
    subjects = pd.Series(np.arange(600).astype(str))
    for _ in range(60):
        truth = draw.uniform(0.1, 0.9, 600)
        y = pd.DataFrame({"value": (draw.random(600) < truth).astype(float)})
        said = [pd.DataFrame({"p_fail": np.clip(truth + draw.normal(0, 0.1, 600), 0.05, 0.95)}) for _ in range(2)]
        found = differences_of(TENDER, y, said, subjects, slices, (1.0, 2.0, 3.0))
        objected += any(one.worse for one in found if one.where != ALL)
    assert objected <= 60 * 0.05 + 3 * np.sqrt(60 * 0.05 * 0.95)


def test_evidence_comes_back_from_its_tag() -> None:
    """As it was."""
    found = evidence(judged(1.0, -0.9))
    assert evidence_of({TAG: found.as_tag()}) == found
    assert evidence_of({}) is None


def test_evidence_says_on_what_it_rests() -> None:
    """Rows, from, until, and of which data; evidence of before the end was kept says from where on."""
    found = replace(evidence(()), until="2024-06-01")
    assert found.on == "4,000 rows from 2024-05-01 until 2024-06-01 of data ffffffffffff…"
    assert evidence(()).on == "4,000 rows from 2024-05-01 on of data ffffffffffff…"
