"""Wide and long layouts, several scales, visit windows, units and words for numbers."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketaoutcomes.plan import AnalysisPlan
from unit.data.test_load import assert_same_cohort

WIDE_CSV = """\
ID,TRT,SITE,AGE,BASE,W1,W2,D1,D2
1,Active,006,41,30,20,18,8,15
2,Control,028,52.5,31,29,,8,
3,Active,006,,28,22,15,7,16
4,Control,028,38,33,30,27.5,8,15
"""


@pytest.fixture
def wide_trial(visits_trial):
    """The same trial with a column for each visit."""
    columns = visits_trial.data["columns"]
    for field in ("visit", "day", "value", "baseline"):
        del columns[field]
    columns["scores"] = {"MADRS": {"Baseline": "BASE", "Week 1": "W1", "Week 2": "W2"}}
    columns["days"] = {"Week 1": "D1", "Week 2": "D2"}
    visits_trial.data["labels"].pop("visit")
    visits_trial.text = WIDE_CSV
    return visits_trial


def test_wide_is_the_same_cohort_as_long(visits_trial):
    long = visits_trial.load()
    columns = visits_trial.data["columns"]
    for field in ("visit", "day", "value", "baseline"):
        del columns[field]
    columns["scores"] = {"MADRS": {"Baseline": "BASE", "Week 1": "W1", "Week 2": "W2"}}
    columns["days"] = {"Week 1": "D1", "Week 2": "D2"}
    visits_trial.text = WIDE_CSV
    assert_same_cohort(long, visits_trial.load())


def test_a_baseline_column_may_stay_beside_wide_scores(wide_trial):
    wide = wide_trial.load()
    columns = wide_trial.data["columns"]
    del columns["scores"]["MADRS"]["Baseline"]
    columns["baselines"] = {"MADRS": "BASE"}
    assert_same_cohort(wide, wide_trial.load())


def test_faults_of_wide_scores_name_their_column_and_row(wide_trial):
    wide_trial.replace("33,30,27.5", "33,70,much")
    places = {problem.place: problem.expected for problem in wide_trial.problems()}
    assert places == {
        "visits.csv, column `W1`, row 5": "a MADRS score from 0 to 60",
        "visits.csv, column `W2`, row 5": "a number",
    }


def test_a_subject_twice_in_a_wide_file(wide_trial):
    wide_trial.text += "4,Control,028,38,33,30,27.5,8,15\n"
    place, expected, found, _ = wide_trial.problem()
    assert (place, expected) == (
        "visits.csv, column `ID`, row 6",
        "one row per participant and visit",
    )
    assert "participant 4 at Baseline again" in found


def test_an_unknown_arm_of_a_wide_file_is_told_once(wide_trial):
    place, _, found, _ = wide_trial.replace("4,Control", "4,Sham").problem()
    assert (place, found) == ("visits.csv, column `TRT`, row 5", "`Sham`")


def test_a_wide_column_that_is_not_there(wide_trial):
    wide_trial.data["columns"]["scores"]["MADRS"]["Week 2"] = "W3"
    told = {problem.expected: problem.remedy for problem in wide_trial.problems()}
    assert told["a column `W3`"] == "Correct the name under `data.columns` or `data.where`"


def test_a_wide_visit_without_any_score(wide_trial):
    for score in ("29,,8", "20,18", "22,15", "30,27.5"):
        wide_trial.replace(score, score.split(",", 1)[0] + "," + ("" if score != "29,,8" else ",8"))
    _, expected, found, _ = wide_trial.problem()
    assert expected == "a MADRS score at every visit of phase `treatment`"
    assert found == "no score in any participant at `Week 2`"


def test_a_column_for_each_scale(visits_trial):
    one = visits_trial.load()
    columns = visits_trial.data["columns"]
    del columns["value"], columns["baseline"]
    columns["scores"] = {"MADRS": "SCORE", "BDI-II": "BDI"}
    columns["baselines"] = {"MADRS": "BASE", "BDI-II": "BDIBASE"}
    lines = visits_trial.text.splitlines()
    visits_trial.text = "\n".join([f"{lines[0]},BDI,BDIBASE", *(f"{x},10,12" for x in lines[1:])])
    both = visits_trial.load()
    madrs = both.visits[both.visits["scale"] == "MADRS"].reset_index(drop=True)
    pd.testing.assert_frame_equal(madrs, one.visits)
    bdi = both.visits[both.visits["scale"] == "BDI-II"]
    assert bdi.groupby("visit")["score"].unique().map(list).to_dict() == {
        "Baseline": [12.0],
        "Week 1": [10.0],
        "Week 2": [10.0],
    }


def test_words_become_numbers(visits_trial):
    wanted = visits_trial.load()
    visits_trial.replace("1,8,20,30", "1,8,moderate,severe").replace("2,15,18,30", "2,15,18,severe")
    visits_trial.data["labels"]["value"] = {"moderate": 20, "severe": 30}
    assert_same_cohort(wanted, visits_trial.load())


def test_a_baseline_that_is_so_by_definition(visits_trial):
    del visits_trial.data["columns"]["baseline"]
    visits_trial.data["baseline_score"] = 0
    visits = visits_trial.load().visits
    assert visits.loc[visits["visit"] == "Baseline", "score"].tolist() == [0.0] * 4


def test_a_baseline_by_definition_holds_for_every_scale_or_is_told_to_be_a_column(visits_trial):
    """A score that was measured before treatment, next to a yes or no that nobody has then."""
    visits_trial.data["columns"] |= {"scores": {"MADRS": "SCORE", "Nausea": "NAUSEA"}}
    del visits_trial.data["columns"]["value"], visits_trial.data["columns"]["baseline"]
    visits_trial.data["labels"]["visit"] |= {"0": "Baseline"}
    head, *rows = visits_trial.text.splitlines()
    first = [row.split(",") for row in rows[::2]]
    start = [[*row[:2], "0", "1", "33", *row[5:]] for row in first]
    visits_trial.text = "\n".join(
        [f"{head},NAUSEA", *(f"{row},1" for row in rows), *(",".join([*r, ""]) for r in start)]
    )
    visits_trial.plan["scales"] = {
        "Nausea": {"label": "nausea", "low": 0, "high": 1, "better": "lower", "source": "made up"}
    }
    visits_trial.data["baseline_score"] = 0
    place, _, found, remedy = visits_trial.problem()
    assert (place, found) == (
        "the plan, data.baseline_score",
        "another one in the data, of `MADRS`",
    )
    assert "columns: {baselines: {Nausea: fixed}}" in remedy
    del visits_trial.data["baseline_score"]
    visits_trial.data["derive"] = {"visits": {"fixed": "0"}}
    visits_trial.data["columns"]["baselines"] = {"Nausea": "fixed"}
    visits = visits_trial.load().visits
    began = visits[visits["visit"] == "Baseline"].groupby("scale")["score"].unique()
    assert {scale: scores.tolist() for scale, scores in began.items()} == {
        "MADRS": [33.0],
        "Nausea": [0.0],
    }


@pytest.mark.parametrize(
    ("unit", "first", "days"),
    [("hours", "24", 1.0), ("weeks", "2", 14.0), ("months", "12", 365.25), ("years", "1", 365.25)],
)
def test_units_of_days(visits_trial, unit, first, days):
    visits_trial.data["day_unit"] = unit
    visits = visits_trial.replace("1,Active,1,8,", f"1,Active,1,{first},").load().visits
    told = visits[(visits["subject"] == "1") & (visits["visit"] == "Week 1")]
    assert told["day"].tolist() == pytest.approx([days])


@pytest.mark.parametrize(("unit", "day"), [("hours", 2.5 / 24), ("years", 2.5 * 365.25)])
def test_units_of_times(times_trial, unit, day):
    times_trial.data["time_unit"] = unit
    assert times_trial.load().times["time"][0] == pytest.approx(day)


@pytest.fixture
def windowed_trial(visits_trial):
    """The same trial, its visits told by the day alone."""
    del visits_trial.data["columns"]["visit"]
    visits_trial.data["labels"].pop("visit")
    visits_trial.data["visit_windows"] = {}
    visits_trial.replace("2,Control,2,,,31,028,52.5\n", "")
    return visits_trial


def visits_of(cohort, subject):
    here = cohort.visits[cohort.visits["subject"] == subject]
    return dict(zip(here["visit"], zip(here["day"], here["score"], strict=True), strict=True))


def test_windows_take_the_nearest_visit(windowed_trial):
    windowed_trial.replace("3,Active,2,16,15", "3,Active,2,13,15")
    cohort = windowed_trial.load()
    assert visits_of(cohort, "3") == {"Baseline": (0, 28), "Week 1": (6, 22), "Week 2": (12, 15)}
    told = " ".join(remark.sentence() for remark in cohort.source.remarks)
    assert "nearest in days: 7 scores" in told
    assert "too far from every visit" not in told  # nothing was


@pytest.mark.parametrize(("ties", "visit"), [("earlier", "Week 1"), ("later", "Week 2")])
def test_a_tie_between_visits(windowed_trial, ties, visit):
    """Day 11.5 is as near to day 8 as to day 15."""
    windowed_trial.data["visit_windows"] = {"ties": ties}
    windowed_trial.text = windowed_trial.text.replace("4,Control,1,8,30", "4,Control,1,11.5,30")
    windowed_trial.text = windowed_trial.text.replace("4,Control,2,15,27.5,33,028,38\n", "")
    assert visits_of(windowed_trial.load(), "4")[visit] == (10.5, 30)


@pytest.mark.parametrize(("ties", "score"), [("earlier", 26), ("later", 27)])
def test_two_scores_as_near_to_a_visit(windowed_trial, ties, score):
    windowed_trial.data["visit_windows"] = {"ties": ties}
    windowed_trial.replace("4,Control,2,15,27.5", "4,Control,2,14,26")
    windowed_trial.text += "4,Control,2,16,27,33,028,38\n"
    cohort = windowed_trial.load()
    assert visits_of(cohort, "4")["Week 2"][1] == score
    told = " ".join(remark.sentence() for remark in cohort.source.remarks)
    assert "farther from it than another score: 1 score" in told


def test_scores_far_from_every_visit_are_left_out(windowed_trial):
    windowed_trial.data["visit_windows"] = {"within_days": 3}
    windowed_trial.text += "1,Active,3,40,5,30,006,41\n"
    assert visits_of(windowed_trial.load(), "1")["Week 2"] == (14, 18)


def test_a_visit_with_its_own_label_goes_first(visits_trial):
    visits_trial.data["visit_windows"] = {}
    visits_trial.text += "1,Active,UNSCHEDULED,15,3,30,006,41\n"
    assert visits_of(visits_trial.load(), "1")["Week 2"] == (14, 18)
    visits_trial.replace("1,Active,2,15,18,30,006,41\n", "")
    assert visits_of(visits_trial.load(), "1")["Week 2"] == (14, 3)


def test_the_last_score_up_to_the_first_dose_is_the_baseline(windowed_trial):
    del windowed_trial.data["columns"]["baseline"]
    for subject, arm in (("1", "Active"), ("2", "Control"), ("3", "Active"), ("4", "Control")):
        windowed_trial.text += f"{subject},{arm},0,-3,40,,,\n{subject},{arm},0,1,39,,,\n"
    assert visits_of(windowed_trial.load(), "1")["Baseline"] == (0, 39)


@given(days=st.lists(st.integers(-20, 60).filter(bool), min_size=1, max_size=8, unique=True))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_do_as_a_reader_would(windowed_trial, days):
    """Against the plain rule: no visit keeps a score while another lies nearer to it."""
    text = windowed_trial.text
    rows = "".join(f"9,Active,,{day},30,30,006,41\n" for day in days)
    windowed_trial.text = text + rows
    chosen = visits_of(windowed_trial.load(), "9")
    windowed_trial.text = text
    after = [day - 1 for day in days if day > 1]
    for visit, target, other in (("Week 1", 7, 14), ("Week 2", 14, 7)):
        near = [d for d in after if (abs(d - target), target) < (abs(d - other), other)]
        expected = min(near, key=lambda d, t=target: (abs(d - t), d)) if near else None
        assert chosen.get(visit, (None,))[0] == expected


@pytest.mark.parametrize("values", [[1, 2], ["1", "2"], ("1", 2)])
def test_rows_are_kept_by_numbers_or_words(visits_trial, values):
    wanted = visits_trial.load()
    visits_trial.text += "4,Control,3,22,20,33,028,38\n"
    visits_trial.data["where"] = {"visits": {"WEEK": values}}
    assert_same_cohort(wanted, visits_trial.load(), rows_left_out=1)


def test_rows_are_kept_where_a_column_is_empty(visits_trial):
    wanted = visits_trial.load()
    lines = visits_trial.text.splitlines()
    doubled = [row for line in lines[1:] for row in (f"{line},", f"{line},LOCF")]
    visits_trial.text = "\n".join([f"{lines[0]},DTYPE", *doubled])
    visits_trial.data["where"] = {"visits": {"DTYPE": ""}}
    assert_same_cohort(wanted, visits_trial.load(), rows_left_out=len(lines) - 1)


def test_arms_in_a_file_of_their_own(visits_trial):
    together = visits_trial.load()
    visits_trial.data["files"] |= {"subjects": "people.csv", "assignments": "arms.csv"}
    frame = pd.read_csv(visits_trial.folder / "visits.csv", dtype=str)
    people = frame.drop_duplicates("ID")
    visits_trial.add("people.csv", people[["ID", "SITE", "AGE"]].to_csv(index=False))
    visits_trial.add("arms.csv", people[["ID", "TRT"]].to_csv(index=False))
    visits_trial.text = frame.drop(columns=["TRT", "SITE", "AGE"]).to_csv(index=False)
    assert_same_cohort(together, visits_trial.load())
    visits_trial.add("arms.csv", people[["ID", "TRT"]][:-1].to_csv(index=False))
    told = {problem.expected for problem in visits_trial.problems()}
    assert told == {"participants with an arm"}


@pytest.mark.parametrize("model", ["mmrm", "random_intercept", "conditional_mean"])
def test_a_baseline_by_definition_is_no_covariate_unless_named(visits_trial, model):
    visits_trial.data["baseline_score"] = 0
    analysis = {"estimand": "main", "role": "primary", "model": model}
    visits_trial.plan["analyses"] = {"main": analysis}
    plan = AnalysisPlan.model_validate(visits_trial.plan)
    assert (plan.analyses["main"].covariates, plan.analyses["main"].by_visit) == ((), ())
    analysis["covariates"] = ["baseline"]
    named = AnalysisPlan.model_validate(visits_trial.plan)
    assert named.analyses["main"].covariates == ("baseline",)
    del visits_trial.data["baseline_score"], analysis["covariates"]
    observed = AnalysisPlan.model_validate(visits_trial.plan)
    assert observed.analyses["main"].covariates == ("baseline",)
