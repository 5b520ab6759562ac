"""Sessions missed, visits early and late, items and dates: what a trial has besides its scores."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.publish import OnRequest, publish_cohorts, standard_schedule
from ketaoutcomes.cohorts.simulation.items import ITEMS
from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.simulation.visit_days import possible_days

SCENARIOS = scenario_names()


def cohort(name: str, n: int = 400, spread: int = 0, **changes: object) -> Cohort:
    scenario = read_scenario(name).model_copy(update=changes)
    return simulate(scenario, name, standard_schedule(scenario), 5, n, visit_spread=spread)


@pytest.mark.parametrize("name", SCENARIOS)
def test_sessions_are_missed_but_not_the_first(name: str) -> None:
    """3 % of sessions, so that doses are no longer the first ones of the schedule in everybody.

    In care, where people have sessions at their own pace, there is no such schedule.
    """
    scenario, made = read_scenario(name), cohort(name, 1_500)
    took = made.exposure.merge(made.assignments, on=["subject", "phase"])
    stopped = made.events[made.events["event"] == "treatment discontinuation"]
    until = made.follow_up.merge(
        stopped[["subject", "phase", "day"]], on=["subject", "phase"], how="left"
    )
    ends = until.set_index(["subject", "phase"])[["last_day", "day"]].min(axis=1)
    due = missed = 0
    for (phase, arm), here in took.groupby(["phase", "arm"]):
        dosing = scenario.phases[str(phase)].arms[str(arm)]
        days = np.round(np.array(dosing.days_of_doses(scenario.phases[str(phase)].days)), 2)
        sessions = here[here["route"] == dosing.route] if len(days) else here[:0]
        for (subject, _), own in sessions.groupby(["subject", "phase"]):
            assert own["day"].min() == days[0]
            if dosing.pace is not None:
                continue
            left = days[days < ends[subject, phase] - 0.01]
            due += max(len(left) - 1, 0)
            missed += len(set(left) - set(own["day"]))
    if due:
        error = np.sqrt(0.03 * 0.97 / due)
        assert missed / due == pytest.approx(0.03, abs=5 * error + 0.005)


def test_visits_may_be_where_no_other_visit_is() -> None:
    """By hand: 7 may be 3 days off (day 1 and 14 are farther), the last never late, hours fixed."""
    days = possible_days({"a": 0.0, "b": 0.5, "c": 1.0, "d": 7.0, "e": 14.0, "f": 17.0}, 3)
    found = [days.grid[places].tolist() for places in days.choices]
    assert found[:3] == [[0.0], [0.5], [1.0]]
    assert found[3] == [5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    assert found[4] == [11.0, 12.0, 13.0, 14.0, 15.0]
    assert found[5] == [16.0, 17.0]


@pytest.mark.parametrize("name", SCENARIOS)
def test_early_and_late_visits_stay_in_order_and_keep_the_means(name: str) -> None:
    plain, spread = cohort(name, 1_500), cohort(name, 1_500, spread=3)
    nominal = {
        (phase, visit): day
        for phase, visits in standard_schedule(read_scenario(name)).items()
        for visit, day in visits.items()
    }
    due = pd.Series(list(zip(spread.visits["phase"], spread.visits["visit"], strict=True)))
    off = spread.visits["day"] - due.map(nominal)
    assert off.abs().max() <= 3
    assert (off != 0).any()
    main_scale = read_scenario(name).scale.name
    own = spread.visits[spread.visits["scale"] == main_scale]
    assert own.groupby(["subject", "phase"])["day"].is_monotonic_increasing.all()
    last = spread.follow_up.set_index(["subject", "phase"])["last_day"]
    seen = own.groupby(["subject", "phase"])["day"].max()
    assert (seen <= last.reindex(seen.index) + 0.005).all()
    means = [
        made.visits[made.visits["scale"] == main_scale]
        .query("day > 3")
        .groupby(["phase", "visit"])["score"]
        .agg(["mean", "std", "count"])
        for made in (plain, spread)
    ]
    squares = [m["std"] ** 2 / m["count"] for m in means]
    error = (squares[0] + squares[1]) ** 0.5
    # Most visits keep their day and scores move little in three days.
    gap = (means[0]["mean"] - means[1]["mean"]).abs().dropna()
    assert len(gap)
    assert (gap < 5 * error.reindex(gap.index) + 0.7).all()


def test_without_a_spread_every_visit_is_on_its_day() -> None:
    made = cohort("trd_short_term")
    assert set(made.visits["day"]) <= {
        day
        for visits in standard_schedule(read_scenario("trd_short_term")).values()
        for day in visits.values()
    }


@pytest.mark.parametrize(("name", "scales"), [("trd_short_term", 1), ("bipolar", 2)])
def test_items_add_up_on_request_and_move_nothing_else(name: str, scales: int) -> None:
    plain, made = cohort(name), cohort(name, items=True)
    keys = ["subject", "phase", "visit"]
    wide = made.visits.pivot(index=keys, columns="scale", values="score")
    known = [scale for scale in ITEMS if scale in wide]
    assert len(known) == scales
    for scale in known:
        parts = ITEMS[scale].parts
        told = wide.dropna(subset=[scale])
        assert (told[list(parts)].sum(axis=1) == told[scale]).all()
        for item, bounds in parts.items():
            assert told[item].between(0, bounds.high).all()
    kept = made.visits[made.visits["scale"].isin(plain.visits["scale"].unique())]
    pd.testing.assert_frame_equal(kept.reset_index(drop=True), plain.visits)


def test_dates_follow_the_days_over_all_phases(tmp_path: Path) -> None:
    """A participant's rows are as many days apart by date as by day and phase; 14 in a period."""
    folder = publish_cohorts(
        ("bipolar",), tmp_path / "out", 3, 60, OnRequest(since=date(2025, 3, 1))
    )
    visits = pd.read_csv(folder / "bipolar" / "visits.csv", parse_dates=["date"])
    first = visits.groupby("subject")["date"].transform("min")
    days = np.floor(visits["day"] + 14 * (visits["phase"] == "period_2"))
    assert ((visits["date"] - first).dt.days == days).all()
    assert first.min() >= pd.Timestamp("2025-03-01")
    assert first.max() < pd.Timestamp("2026-03-01")
    assert first.nunique() > 40


def test_the_command_passes_on_what_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["simulate", "ocd", "--subjects", "8", "--seed", "2", "--out", str(out)]
    asked = ["--items", "--visit-spread", "2", "--dates", "2025-03-01"]
    assert main([*words, *asked]) == 0
    manifest = json.loads((out / "MANIFEST.json").read_text())
    assert manifest["command"].endswith("ocd --seed 2 --subjects 8 " + " ".join(asked))
    dictionary = pd.read_csv(out / "dictionary.csv")
    assert "date" in set(dictionary.query("file == 'visits'")["column"])


def test_what_is_no_date_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", "ocd", "--dates", "2025-13-01"])
    assert ended.value.code == 2
    assert "`2025-13-01` is not a date; write 2025-03-01" in capsys.readouterr().err
