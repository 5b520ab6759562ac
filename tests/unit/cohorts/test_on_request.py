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
from ketaoutcomes.cohorts.simulation.visit_days import days_of_acute_visits, possible_days

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
    days = possible_days(np.array([0.0, 0.5, 1.0, 7.0, 14.0, 17.0]), 3)
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


def test_sessions_may_be_early_or_late_and_half_of_them_are() -> None:
    """Twice weekly, on days 0, 3, 7, 10, ..., 24: gaps of 3 and 4 days leave a day to either side.

    By hand for the rule of visits: a gap of 3 or of 4 days allows (3 - 1) // 2 = 1 day; the first
    is on its day, and the last never late.
    """
    scenario = read_scenario("trd_short_term")
    schedule = {"induction": standard_schedule(scenario)["induction"]}
    plain, spread = (simulate(scenario, "", schedule, 5, 4_000, visit_spread=s) for s in (0, 2))
    assert set(plain.exposure["day"].round(2)) == {0, 3, 7, 10, 14, 17, 21, 24}
    days = spread.exposure["day"].round(2)
    assert set(days) == {0, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24}
    third = days[days.between(6, 8)]
    # 1 in 2 is on its day; of 4,000 with few lost the standard error is below 0.01
    assert (third == 7).mean() == pytest.approx(0.5, abs=0.04)
    assert (third == 6).mean() == pytest.approx(0.25, abs=0.04)
    assert not spread.exposure.duplicated(["subject", "day"]).any()
    late = [len(made.exposure) / 4_000 for made in (plain, spread)]
    assert late[0] == pytest.approx(late[1], abs=0.05)


def test_a_session_with_acute_visits_is_on_its_day() -> None:
    """By hand: visits at 10.1 and 10.2 keep the session of day 10; that of day 7 may move."""
    fixed = days_of_acute_visits(np.array([0.0, 0.1, 7.0, 10.1, 10.2, 14.0]))
    assert fixed == {0.0, 10.0}
    days = possible_days(np.array([0.0, 3, 7, 10, 14]), 3, fixed)
    found = [days.grid[places].tolist() for places in days.choices]
    assert found == [[0.0], [2.0, 3.0, 4.0], [6.0, 7.0, 8.0], [10.0], [13.0, 14.0]]


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
