"""Tests of all arms together and paired comparisons tell no small count either."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from disclosure.attacker import words_told
from disclosure.cohorts import Trial, write_trial
from disclosure.drawn import drawn_too_sharply, told_elsewhere
from disclosure.hidden import rows_of, tally
from ketaoutcomes.cli.main import main

FINISHED = (0, 1)
SMALLEST = 11
THREE_ARMS = {
    "mmrm": {"estimand": "change", "role": "primary", "model": "mmrm", "all_arms": True},
    "times_14": {
        "estimand": "relapse",
        "role": "secondary",
        "model": "time_to_event",
        "restricted_mean_days": 80,
        "ticks_every_days": 14,
        "all_arms": True,
    },
}
PAIRS = {
    "pairs": {"estimand": "change", "role": "primary", "model": "paired"},
    "one_or_both": {
        "estimand": "change",
        "role": "sensitivity",
        "model": "paired",
        "method": "mixed model",
    },
    "mmrm": {"estimand": "change", "role": "sensitivity", "model": "mmrm"},
}
SHARES = {
    "severe": {"estimand": "severe", "role": "supplementary", "model": "paired_proportions"},
    "severe_exactly": {
        "estimand": "severe",
        "role": "supplementary",
        "model": "paired_proportions",
        "test": "exact",
    },
    "severe_later": {"estimand": "severe_later", "role": "supplementary", "model": "proportions"},
}
TESTS_OF_ALL = ("mmrmt04", "ttet04")
TRIALS = (
    Trial("three arms", 26, 0.12, 0.5, tuple(THREE_ARMS)),
    Trial("three arms, more people", 70, 0.05, 0.15, tuple(THREE_ARMS)),
    Trial("three arms, tiny", 15, 0.1, 0.7, tuple(THREE_ARMS)),
    Trial("pairs", 12, 0.15, 1.0, tuple(PAIRS)),
    Trial("pairs, more people", 40, 0.06, 1.0, tuple(PAIRS)),
)


def _files_of_three_arms(folder: Path) -> None:
    """Every third participant has the high dose."""
    subjects = pd.read_csv(folder / "subjects.csv")
    subjects["TRT"] = subjects["TRT"].mask(subjects.index % 3 == 2, "high")
    subjects.to_csv(folder / "subjects.csv", index=False)


def _plan_of_three_arms(plan: dict) -> None:
    plan["phases"]["treatment"]["arms"]["high"] = "High dose"
    plan["analyses"] = THREE_ARMS


def _files_of_pairs(folder: Path) -> None:
    """A few have no score at the start."""
    visits = pd.read_csv(folder / "visits.csv")
    visits = visits[(visits["VISIT"] != "Baseline") | (visits.index % 17 > 0)]
    visits.to_csv(folder / "visits.csv", index=False)


def _plan_of_pairs(plan: dict) -> None:
    """Everyone is treated."""
    phase = plan["phases"]["treatment"]
    phase["arms"] = {"drug": "Drug"}
    del phase["reference"]
    del plan["data"]["columns"]["arm"]
    del plan["estimands"]["response"], plan["estimands"]["relapse"]
    plan["estimands"]["change"] |= {"treatment": {"active": "drug"}, "summary": "mean change"}
    scale = plan["endpoints"][plan["estimands"]["change"]["endpoint"]]["scale"]
    cut = {"kind": "yes_or_no", "phase": "treatment", "scale": scale, "at_least": 28}
    plan["endpoints"]["severe"] = cut
    shares = plan["estimands"]["change"] | {"endpoint": "severe"}
    plan["estimands"]["severe"] = shares | {"summary": "change in proportion"}
    plan["estimands"]["severe_later"] = shares | {"summary": "proportion"}
    plan["analyses"] = PAIRS | SHARES


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """As for the other trials: a run that hides small counts, and one that shows them."""
    root = tmp_path_factory.mktemp("trials")
    for seed, trial in enumerate(TRIALS):
        named = Trial(trial.name, trial.per_arm, trial.missing, trial.rate, ("mmrm",))
        plans = list(write_trial(root / trial.name, named, 900 + seed))
        texts = [yaml.safe_load(plan.read_text()) for plan in plans]
        of_pairs = trial.analyses == tuple(PAIRS)
        for text in texts:
            (_plan_of_pairs if of_pairs else _plan_of_three_arms)(text)
        (_files_of_pairs if of_pairs else _files_of_three_arms)(root / trial.name)
        for plan, text in zip(plans, texts, strict=True):
            plan.write_text(yaml.safe_dump(text, sort_keys=False))
            out = plan.parent / plan.stem
            assert main(["run", str(plan), "--out", str(out), "-q"]) in FINISHED, trial.name
    return {trial.name: root / trial.name for trial in TRIALS}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_no_hidden_count_is_pinned(runs: dict[str, Path], trial: Trial) -> None:
    folder = runs[trial.name]
    found = tally(folder / f"plan_{SMALLEST}", folder / "plan_1", None, SMALLEST)
    assert found.tried > 0
    assert found.pinned == {}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_no_other_place_tells_more(runs: dict[str, Path], trial: Trial) -> None:
    shown, hidden = rows_of(runs[trial.name] / "plan_1"), runs[trial.name] / f"plan_{SMALLEST}"
    assert told_elsewhere(hidden, shown) == []
    assert drawn_too_sharply(hidden, shown) == []
    assert words_told(hidden, [], SMALLEST) == []


@pytest.mark.parametrize("trial", TRIALS[:3], ids=lambda trial: trial.name)
def test_the_tests_of_all_arms_are_in_both_runs(runs: dict[str, Path], trial: Trial) -> None:
    """Else the attack above would have nothing to attack."""
    shown = rows_of(runs[trial.name] / "plan_1").values()
    for table in TESTS_OF_ALL:
        assert any(row["table"] == table and row["test_statistic"] for row in shown)


@pytest.mark.parametrize("trial", TRIALS[3:], ids=lambda trial: trial.name)
def test_some_pairs_are_incomplete(runs: dict[str, Path], trial: Trial) -> None:
    """A difference of two counts, of pairs and of all participants, is small and hidden."""
    shown = rows_of(runs[trial.name] / "plan_1")
    both, either = (
        next(
            int(row["n"])
            for row in shown.values()
            if (row["analysis"], row["statistic"], row["visit"])
            == (name, "paired difference", "Week 4")
        )
        for name in ("pairs", "one_or_both")
    )
    assert 0 < either - both < SMALLEST


@pytest.mark.parametrize("trial", TRIALS[3:], ids=lambda trial: trial.name)
def test_a_mean_of_whole_scores_does_not_tell_how_many(runs: dict[str, Path], trial: Trial) -> None:
    """A mean times the participants is a whole sum: 6.4932 can only be 474 / 73."""
    hidden = rows_of(runs[trial.name] / f"plan_{SMALLEST}").values()
    tried = 0
    for row in hidden:
        steps = {n: float(s) for n, _, s in (w.partition(":") for w in row["suppressed"].split())
                 if s}  # fmt: skip
        if row["analysis"] != "pairs" or row["table"] != "pairt01" or "n" not in steps:
            continue
        if not row["estimate"] or row["statistic"] == "correlation of pairs":
            continue
        about, step = float(row["estimate"]), steps.get("estimate", 0.0)
        low, high = (int(float(row["n"])) + s * int(steps["n"]) // 2 for s in (-1, 1))
        left = [n for n in range(max(low, 1), high + 1)
                if abs(about * n - round(about * n)) <= n * step / 2 + 1e-6]  # fmt: skip
        assert len(left) > 2, row["id"]
        tried += 1
    assert tried
