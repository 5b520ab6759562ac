"""Values that no person, unit or course of a disease would give are told, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.coincidences import alike
from ketaoutcomes.data.plausible import far_from_all, higher_by

KG_TO_LB = 2.2046


def said(cohort: Cohort) -> str:
    return " ".join(remark.sentence() for remark in cohort.source.remarks)


WORDS = ("go back", "have the same", "are those of", "in common", "two groups", "no age", "farther")


@pytest.fixture
def trial(visits_trial):
    """Twenty participants at baseline and two visits: scores fall by 1 to 9 at each."""
    lines = ["ID,TRT,WEEK,DAY,SCORE,AGE,WEIGHT,SITE"]
    for i in range(1, 21):
        arm, site = ("Active", "Control")[i % 2], ("north", "south")[i > 10]
        first = 25 + (7 * i) % 17
        second = first - 1 - (3 * i) % 9
        scores = (first, second, second - 1 - (5 * i) % 9)
        lines += [
            f"{i},{arm},{week},{day},{score},{20 + 2 * i},{55 + (11 * i) % 37},{site}"
            for week, day, score in zip((0, 1, 2), (-1, 8, 15), scores, strict=True)
        ]
    visits_trial.text = "\n".join(lines) + "\n"
    columns = visits_trial.data["columns"]
    del columns["baseline"]
    columns["covariates"] = {"age": "AGE", "weight": "WEIGHT", "site": "SITE"}
    visits_trial.data["labels"]["visit"]["0"] = "Baseline"
    return visits_trial


def rows(trial):
    """The file as a frame, and how it is put back."""
    lines = [line.split(",") for line in trial.text.splitlines()]
    return pd.DataFrame(lines[1:], columns=lines[0])


def put(trial, frame):
    trial.text = frame.to_csv(index=False)
    return said(trial.load())


def test_nothing_is_said_of_a_trial_in_order(trial):
    assert not any(words in said(trial.load()) for words in WORDS)


def test_a_visit_that_is_dated_before_an_earlier_one(trial):
    frame = rows(trial)
    frame.loc[(frame["ID"] == "4") & (frame["WEEK"] == "1"), "DAY"] = "15"
    frame.loc[(frame["ID"] == "4") & (frame["WEEK"] == "2"), "DAY"] = "9"
    assert "MADRS scores of 1 participant go back in time" in put(trial, frame)


@pytest.mark.parametrize(
    ("column", "group", "words"),
    [("TRT", "Active", "arm `active`"), ("SITE", "north", "one level of `site`")],
)
def test_a_group_whose_members_have_one_score(trial, column, group, words):
    frame = rows(trial)
    frame.loc[(frame[column] == group) & (frame["WEEK"] == "2"), "SCORE"] = "14"
    assert f"All participants of {words} have the same MADRS score at Week 2." in put(trial, frame)


def test_a_group_whose_members_have_one_change(trial):
    frame = rows(trial)
    last = (frame["TRT"] == "Active") & (frame["WEEK"] == "2")
    first = frame[(frame["TRT"] == "Active") & (frame["WEEK"] == "0")]
    frame.loc[last, "SCORE"] = (first["SCORE"].astype(int) - 12).astype(str).to_numpy()
    assert "have the same MADRS change from baseline at Week 2." in put(trial, frame)


def test_last_scores_that_were_carried_forward_in_the_file(trial):
    in_order = rows(trial)
    frame = in_order.copy()
    early = frame["ID"].astype(int) <= 12
    carried = frame[early & (frame["WEEK"] == "1")]["SCORE"].to_numpy()
    frame.loc[early & (frame["WEEK"] == "2"), "SCORE"] = carried
    assert "MADRS scores of 12 participants at Week 2 are those of Week 1" in put(trial, frame)
    # 9 of 20 are less than half
    frame = in_order
    early = frame["ID"].astype(int) <= 9
    frame.loc[early & (frame["WEEK"] == "2"), "SCORE"] = carried[:9]
    assert "are those of" not in put(trial, frame)


def test_a_baseline_copied_to_later_visits(trial):
    frame = rows(trial)
    for i in ("2", "5", "9"):
        here = frame["ID"] == i
        frame.loc[here, "SCORE"] = frame.loc[here, "SCORE"].iloc[0]
    assert "3 participants have the same MADRS score at every visit" in put(trial, frame)


def test_a_participant_entered_twice_under_two_codes(trial):
    trial.plan["phases"]["treatment"]["visits"]["Week 3"] = {"day": 22}
    trial.data["labels"]["visit"]["3"] = "Week 3"
    frame = rows(trial)
    fourth = frame[frame["WEEK"] == "2"].assign(WEEK="3", DAY="22")
    frame = pd.concat([frame, fourth.assign(SCORE=[str(1 + (3 * i) % 14) for i in range(20)])])
    assert "in common with another" not in put(trial, frame)
    again = frame[frame["ID"] == "7"].assign(ID="70")
    assert "2 participants have all MADRS scores and numbers" in put(
        trial, pd.concat([frame, again])
    )


def test_ages_that_are_none(trial):
    frame = rows(trial)
    frame["AGE"] = frame["AGE"].where(frame["ID"] != "3", "1961")
    frame["AGE"] = frame["AGE"].where(frame["ID"] != "8", "-36")
    assert "The covariate `age` of 2 participants is not an age in years" in put(trial, frame)


def test_kilograms_and_pounds_as_whole_numbers(trial):
    frame = rows(trial)
    south = frame["SITE"] == "south"
    pounds = (frame["WEIGHT"].astype(int) * KG_TO_LB).round().astype(int).astype(str)
    frame["WEIGHT"] = frame["WEIGHT"].where(~south, pounds)
    assert "form two groups, that of 10 participants about 2.2 times higher" in put(trial, frame)


def test_means_of_items_under_a_sum_of_items(trial):
    frame = rows(trial)
    frame["SCORE"] = (frame["SCORE"].astype(int) / 10).astype(str)
    whole = frame["SCORE"].str.endswith(".0").sum()
    assert f"have decimals: {60 - whole} scores" in put(trial, frame)


def test_an_arm_of_one_participant(trial):
    frame = rows(trial)
    frame = frame[(frame["TRT"] == "Active") | (frame["ID"] == "1")]
    assert "Arm `control` has 1 participant, so that its results" in put(trial, frame)


@pytest.fixture
def times(times_trial):
    """Forty whole times from 20 to 137 days; every third has the event."""
    times_trial.data["time_unit"] = "days"
    lines = [
        f"{i},{('Active', 'Control')[i % 2]},{20 + 3 * i},{int(i % 3 == 0)},{20 + i}"
        for i in range(40)
    ]
    times_trial.text = "ID,TRT,WEEKS,CNSR,AGE\n" + "\n".join(lines) + "\n"
    return times_trial


def test_nothing_is_said_of_times_in_order(times):
    told = said(times.load())
    assert not any(w in told for w in ("decimals", "longest", "time 0", "farther"))


def test_months_with_decimals_read_as_days(times):
    frame = rows(times)
    months = (frame["WEEKS"].astype(int) / 30.4375).round(1)
    frame["WEEKS"] = months.astype(str)
    broken = int((months % 1 != 0).sum())
    told = put(times, frame)
    assert f"Times to event of {broken} participants have decimals and are read as days" in told
    # the longest, 4.5, is above a quarter of the last planned day, 14
    assert "first quarter" not in told
    frame["WEEKS"] = (frame["WEEKS"].astype(float) / 12).round(2).astype(str)
    assert "ends in the first quarter of the visits of the plan" in put(times, frame)
    times.data["time_unit"] = "years"
    assert "decimals" not in put(times, frame)


def test_one_arm_in_weeks(times):
    frame = rows(times)
    weeks = (frame["WEEKS"].astype(int) / 7).round().astype(int).astype(str)
    frame["WEEKS"] = frame["WEEKS"].where(frame["TRT"] == "Control", weeks)
    assert "longest times of arms `active` and `control` differ by more than 3" in put(times, frame)


def test_events_at_time_0_and_a_time_far_from_all_others(times):
    frame = rows(times)
    frame.loc[frame["ID"].isin(["1", "2", "3"]), "WEEKS"] = "0"
    frame.loc[frame["ID"] == "4", "WEEKS"] = "9999"
    told = put(times, frame)
    # of 1, 2 and 3 the third is censored
    assert "The event of 2 participants is at time 0" in told
    assert "Times to event lie farther from all others than these from each other: 1 value" in told


@given(
    kilograms=st.lists(st.integers(55, 100), min_size=12, max_size=60),
    share=st.floats(0.2, 0.8),
)
def test_one_unit_alone_makes_no_two_groups(kilograms: list[int], share: float) -> None:
    """In either unit the ratio of the halves is below that of the units: 100/55 < 2.2/1.2."""
    values = np.array(kilograms, dtype=float)
    assert higher_by(values, KG_TO_LB) == 0
    assert higher_by(np.round(values * KG_TO_LB), KG_TO_LB) == 0
    narrow = 70 + values % 11
    heavy = max(3, int(share * values.size))
    both = np.concatenate([narrow[heavy:], np.round(narrow[:heavy] * KG_TO_LB)])
    expected = heavy if both.size - heavy >= max(3, np.ceil(0.05 * both.size)) else 0
    assert higher_by(both, KG_TO_LB) == expected


@given(st.lists(st.floats(1, 2), min_size=10, max_size=100), st.floats(1e-3, 1e3))
def test_far_from_all_knows_no_unit(values: list[float], factor: float) -> None:
    numbers = np.unique(np.round(values, 6))
    spread = float(np.ptp(numbers))
    if numbers.size < 11 or spread < 1e-3:
        return
    with_one = np.append(numbers, numbers.max() + 1.5 * spread)
    assert far_from_all(with_one) == far_from_all(factor * with_one) == far_from_all(-with_one) == 1
    nearer = np.append(np.linspace(1, 2, 50), 2.9)
    assert far_from_all(factor * nearer) == 0


def test_a_participant_with_two_codes_in_the_times_file(times):
    frame = rows(times)
    assert "in common with another" not in put(times, frame)
    again = frame[frame["ID"].isin(["4", "9"])].assign(ID=["40", "41"])
    assert "4 participants have arm, time, event and all" in put(times, pd.concat([frame, again]))


def test_codes_of_event_and_censoring_that_are_confused(times):
    frame = rows(times)
    # the first 15 of 40 are said to be censored, and all later ones to have the event
    frame["CNSR"] = np.where(frame["ID"].astype(int) < 15, "1", "0")
    assert "15 participants are censored before the first event" in put(times, frame)
    # with 3 events the chance of that is (25 / 40)^3 = 0.24
    frame["CNSR"] = np.where(frame["ID"].isin(["15", "16", "17"]), "0", "1")
    assert "before the first event" not in put(times, frame)


def test_an_arm_that_is_censored_at_one_time(times):
    frame = rows(times)
    censored = (frame["TRT"] == "Control") & (frame["CNSR"] == "1")
    frame.loc[censored, "WEEKS"] = "60"
    assert "All who are censored in arm `control` have one time" in put(times, frame)
    frame.loc[frame["CNSR"] == "1", "WEEKS"] = "60"
    assert "have one time" not in put(times, frame)


def test_hours_read_as_days(times):
    frame = rows(times)
    frame["WEEKS"] = (24 * frame["WEEKS"].astype(int)).astype(str)
    assert "ends more than 20 times later than the visits of the plan" in put(times, frame)


def test_zeros_that_may_mean_missing(trial):
    frame = rows(trial)
    frame.loc[(frame["WEEK"] == "2") & frame["ID"].isin(["3", "8", "9"]), "SCORE"] = "0"
    assert "MADRS scores are 0, with no other near them: 3 scores" in put(trial, frame)


@given(st.integers(2, 9), st.integers(2, 9), st.integers(20, 60))
def test_people_who_are_alike_by_chance(levels: int, others: int, n: int) -> None:
    """Two columns of few levels agree for many pairs; a column of codes for none."""
    few = pd.DataFrame({"a": np.arange(n) % levels, "b": np.arange(n) // levels % others})
    assert alike(few) == 0
    many = few.assign(c=np.arange(n) * 7919 % 10007, d=np.arange(n) * 104729 % 9973)
    assert alike(many) == 0
    assert alike(pd.concat([many, many.head(1)])) == 2


def test_two_visits_on_one_day(trial):
    frame = rows(trial)
    frame.loc[frame["ID"].isin(["2", "6", "7"]) & (frame["WEEK"] == "2"), "DAY"] = "8"
    told = put(trial, frame)
    assert "MADRS scores of 3 participants at different visits have the same day" in told
    assert "go back" not in told


def test_zeros_of_a_covariate(trial):
    frame = rows(trial)
    people = pd.concat([frame, rows_again(frame, 100), rows_again(frame, 200)])
    for zeros, expected in ((("2", "6"), False), (("2", "6", "107"), True)):
        changed = people["WEIGHT"].where(~people["ID"].isin(zeros), "0")
        found = "`weight` are 0, with no other near them: 3 values" in put(
            trial, people.assign(WEIGHT=changed)
        )
        assert found == expected
    # of a yes or no a few are 0, and nothing is odd in it
    smokes = np.where(people["ID"].isin(["2", "6", "107"]), "0", "1")
    assert "with no other near" not in put(trial, people.assign(WEIGHT=smokes))


def rows_again(frame: pd.DataFrame, shift: int) -> pd.DataFrame:
    """The same rows under other codes, a point or two higher."""
    return frame.assign(
        ID=(frame["ID"].astype(int) + shift).astype(str),
        SCORE=(frame["SCORE"].astype(int) + shift // 100).astype(str),
    )


def test_one_arm_in_whole_weeks(times):
    frame = rows(times)
    weeks = (7 * (frame["WEEKS"].astype(int) // 7 + 1)).astype(str)
    frame["WEEKS"] = frame["WEEKS"].where(frame["TRT"] == "Control", weeks)
    assert "All times of arm `active` are whole weeks" in put(times, frame)
    frame["WEEKS"] = weeks
    assert "whole weeks" not in put(times, frame)
