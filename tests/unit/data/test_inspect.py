"""What `inspect` says of unknown files, what it proposes, and what it never shows."""

import dataclasses
import re

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.__main__ import main
from ketaoutcomes.data.inspection.guess import guess
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.names import names_of, references_in
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.scales import guess_scale
from ketaoutcomes.data.inspection.words import inspection_words, plan_words
from ketaoutcomes.data.readers.raw import RawTable, as_text
from ketaoutcomes.errors import DataError
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.parts import Name
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.synthesis import SynthesisPlan
from laboratory_trial import adlb, adqs, adsl

PUBLIC = {
    "alda_relapse_and_suicide_survival/alcohol_relapse.csv": "time_to_event",
    "alda_relapse_and_suicide_survival/antidepressants.csv": "change",
    "alda_relapse_and_suicide_survival/cocaine_relapse_1.csv": "time_to_event",
    "alda_relapse_and_suicide_survival/suicide_ideation.csv": "time_to_event",
    "btheb_cbt_bdi/btheb_long.csv": "change",
    "btheb_cbt_bdi/btheb_wide.csv": "change",
    "cdiscpilot01_adam": "change",
    "cdiscpilot01_adam/original": "change",
    "claus2020_placebo_amplification/claus2020_long.sav": "change",
    "depression_small_trials/duloxetine_vs_paroxetine_idb_ru.csv": "change",
    "depression_small_trials/koch1977_depression_binary_long.csv": "yes_or_no",
    "depression_small_trials/three_arm_depression_remission.csv": "yes_or_no",
    "dia_antidepressant_hamd17/antidepressant_hamd17_long.csv": "change",
    "dia_antidepressant_hamd17/original": "change",
    "nimh_ketamine_crossover_ds005917": "change",
    "nimh_schizophrenia_collaborative": "change",
    "risperidone_panss_five_trials/schizo_endpoint_change.csv": "change",
    "risperidone_panss_five_trials/schizo_panss_wide.csv": "change",
    "smoking_relapse_pharmacotherapy": "time_to_event",
}


def answered(place, **known):
    """What is proposed once every open question has the answer that is offered first."""
    answers = dict(known)
    while True:
        seen = inspect_folder(place, "public data", answers)
        left = [q for q in seen.chosen.questions if q.is_open]
        if not left:
            return seen
        answers[left[0].key] = left[0].offered


@pytest.mark.parametrize("place", PUBLIC)
def test_the_proposed_plan_of_a_public_folder_is_in_order(place, real_data_dir, tmp_path):
    path = real_data_dir / place
    plan_file = tmp_path / "plan.yaml"
    plan_file.write_text(plan_words(answered(path, **ANSWERS.get(place, {}))), encoding="utf-8")
    folder = path if path.is_dir() else path.parent
    run(Request(plan_file, folder, dry_run=True), lambda _: None)
    plan = read_plan(plan_file)[0]
    assert next(iter(plan.endpoints.values())).kind == PUBLIC[place]


KNOWN_SCALES = {
    "btheb_cbt_bdi/btheb_wide.csv": {"BDI-II"},
    "claus2020_placebo_amplification/claus2020_long.sav": {"BDI-II", "HAMD17"},
    "dia_antidepressant_hamd17/antidepressant_hamd17_long.csv": {"HAMD17"},
    "nimh_ketamine_crossover_ds005917": {"MADRS", "HAMD17"},
}


ANSWERS = {"cdiscpilot01_adam": {"better": "lower"}}


@pytest.mark.parametrize("place", KNOWN_SCALES)
def test_known_scales_are_recognised(place, real_data_dir):
    plan = answered(real_data_dir / place).chosen.plan
    data = plan["data"]
    told = set(data["columns"].get("scores", {plan["endpoints"]["outcome"]["scale"]: ""}))
    assert told == KNOWN_SCALES[place]


def test_a_crossover_becomes_phases(real_data_dir):
    plan = answered(real_data_dir / "nimh_ketamine_crossover_ds005917").chosen.plan
    assert list(plan["phases"]) == ["period_1", "period_2"]
    assert plan["phases"]["period_1"]["reference"] == "placebo"
    assert plan["data"]["columns"]["baselines"]["HAMD17"] == "BASE_HAM17_Total"


@pytest.mark.parametrize("layout", ["long", "wide", "times"])
def test_a_file_without_arms_becomes_a_plan_of_one_arm(layout, tmp_path):
    people, rng = 30, np.random.default_rng(1)
    frame = pd.DataFrame({"subject": [f"P{person:02d}" for person in range(people)]})
    if layout == "times":
        frame = frame.assign(days=range(1, people + 1), censored=[0] * 20 + [1] * 10)
    else:
        for week in range(4):
            frame[f"madrs_{week}"] = rng.integers(20, 40, people) - 3 * week
    if layout == "long":
        frame = frame.melt("subject", var_name="visit", value_name="MADRS")
        frame["visit"] = frame["visit"].str.replace("madrs_", "Week ")
    frame.to_csv(tmp_path / "cohort.csv", index=False)
    (proposal,) = inspect_folder(tmp_path).proposals
    assert "no column holds an arm: the plan has 1 arm and no comparison" in proposal.remarks
    (phase,) = proposal.plan["phases"].values()
    assert len(phase["arms"]) == 1
    assert "reference" not in phase
    (estimand,) = proposal.plan["estimands"].values()
    assert estimand["treatment"] == {"active": "treated"}
    plan_file = tmp_path / "plan.yaml"
    plan_file.write_text(plan_words(inspect_folder(tmp_path)), encoding="utf-8")
    outcome = run(Request(plan_file, tmp_path, tmp_path / "out"), lambda _: None)
    assert outcome.failures == ()
    results = pd.read_parquet(tmp_path / "out" / "results.parquet")
    wanted = "restricted mean" if layout == "times" else "LS mean"
    found = results[results["statistic"] == wanted]
    assert found["estimate"].notna().any()
    assert set(found["n"]) <= {people}


def test_an_arm_that_nearly_nobody_is_in_leaves_one(tmp_path):
    long_file(tmp_path, arms=("Active",) * 15 + ("Placebo",))
    (proposal,) = inspect_folder(tmp_path).proposals
    assert list(proposal.plan["phases"]["treatment"]["arms"]) == ["active"]
    assert proposal.plan["data"]["where"] == {"visits": {"arm": ["Active"]}}
    assert proposal.plan["estimands"]["primary"]["summary"] == "mean change"


def test_results_of_studies_become_the_plan_of_a_synthesis(real_data_dir, capsys):
    folder = real_data_dir / "metapsy_psilocybin_depression_studylevel"
    assert main(["inspect", str(folder)]) == 0
    assert "holds results of whole studies, not of participants" in capsys.readouterr().out
    (proposal,) = inspect_folder(folder, answers={"comparison": "first named"}).proposals
    columns = proposal.plan["data"]["columns"]
    assert proposal.plan["data"]["decimal"] == ","
    assert columns["changes"]["control"] == {
        "n": "n_change_arm2",
        "mean": "mean_change_arm2",
        "sd": "sd_change_arm2",
    }
    assert columns["counts"]["active"] == {"events": "event_arm1", "n": "totaln_arm1"}
    SynthesisPlan.model_validate(proposal.plan)


def test_effects_that_studies_tell_become_a_synthesis_that_runs(tmp_path, capsys):
    (tmp_path / "hr.csv").write_text(
        "Trial,HR,CI low,CI high,n1,n2\nAsh,0.49,0.29,0.84,90,86\nBirch,0.30,0.16,0.55,62,59\n"
    )
    assert main(["inspect", str(tmp_path)]) == 0
    assert "not of participants" in capsys.readouterr().out
    assert inspect_folder(tmp_path).chosen.questions[0].is_open
    (proposal,) = answered(tmp_path).proposals
    plan = SynthesisPlan.model_validate(proposal.plan)
    assert plan.outcomes["outcome"].measure == "hazard_ratio"
    (tmp_path / "plan.yaml").write_text(plan_words(answered(tmp_path)))
    assert main(["run", str(tmp_path / "plan.yaml"), "--out", str(tmp_path / "out"), "-q"]) == 0


CANARY = "zyxw"


def long_file(folder, people=30, visits=4, arms=("Placebo", "Active")):
    """Scores by visit, every value with a mark that may not be shown."""
    rows = [
        {
            "subject": f"{CANARY}-{person:03d}",
            "arm": arms[person % len(arms)],
            "visit": f"Week {visit}" if visit else "Baseline",
            "MADRS": 31.4159 - visit + person / 7,
            "site": f"{CANARY}{person}",
            "remark": f"{CANARY} said so at visit {visit} of {person}",
            "surname": f"{CANARY}{person}",
        }
        for person in range(people)
        for visit in range(visits)
    ]
    pd.DataFrame(rows).to_csv(folder / "scores.csv", index=False)


def test_no_value_of_a_row_is_shown(tmp_path):
    long_file(tmp_path)
    seen = inspect_folder(tmp_path)
    text = inspection_words(seen) + plan_words(seen)
    assert CANARY not in text
    # means of an arm are shown in three digits; a value of a row has more
    assert not re.search(r"31\.41|30\.41|2[0-9]\.\d\d", text)
    assert "Placebo (60)" in text


def test_a_label_of_one_subject_is_not_shown_however_many_rows_it_has(tmp_path):
    for people in (6, 12, 40):
        long_file(tmp_path, people=people, visits=12)
        assert CANARY not in inspection_words(inspect_folder(tmp_path))


def test_labels_of_few_rows_are_not_shown(tmp_path):
    long_file(
        tmp_path, people=21, visits=2, arms=("Placebo", "Active", "Placebo", "Active", "Rare")
    )
    text = inspection_words(inspect_folder(tmp_path))
    assert "Rare" not in text
    assert "1 label with fewer than 11 rows" in text


@settings(max_examples=25)
@given(
    labels=st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9
        ),
        min_size=1,
        max_size=40,
    )
)
def test_only_labels_that_eleven_rows_share_are_shown(labels):
    column = Column("x", as_text(pd.Series(labels)))
    counts = as_text(pd.Series(labels)).value_counts()
    assert set(column.labels()) == set(counts.index[counts >= 11])


def test_identifiers_are_reported_and_accepted_with_a_reason_alone(tmp_path):
    long_file(tmp_path)
    seen = inspect_folder(tmp_path)
    assert "surname: looks like names in 120 rows" in inspection_words(seen)
    assert "deidentification" not in seen.proposals[0].plan["data"]
    accepted = inspect_folder(tmp_path, "invented").proposals[0].plan["data"]
    assert accepted["deidentification"]["accept"]["surname"] == "invented"


def test_a_database_is_looked_at_table_by_table(tmp_path):
    long_file(tmp_path)
    with duckdb.connect(str(tmp_path / "trial.duckdb")) as base:
        base.from_csv_auto(str(tmp_path / "scores.csv")).create("scores")
    (tmp_path / "scores.csv").unlink()
    seen = inspect_folder(tmp_path, "invented")
    assert seen.proposals[0].plan["data"]["files"] == {
        "visits": {"file": "trial.duckdb", "table": "scores"}
    }
    plan_file = tmp_path / "plan.yaml"
    plan_file.write_text(plan_words(seen), encoding="utf-8")
    run(Request(plan_file, tmp_path, dry_run=True), lambda _: None)


def test_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match="nothing to look at"):
        inspect_folder(tmp_path)


def test_the_command_prints_a_plan(tmp_path, capsys):
    long_file(tmp_path)
    assert main(["inspect", str(tmp_path), "--plan", "--accept", "invented"]) == 0
    plan_file = tmp_path / "plan.yaml"
    plan_file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["validate", str(plan_file)]) == 0


def raw(**columns) -> RawTable:
    frame = pd.DataFrame({name: as_text(pd.Series(values)) for name, values in columns.items()})
    return RawTable("x.csv", frame)


def test_times_with_censoring_or_events():
    people = list(range(30))
    common = {"id": people, "arm": ["a", "b"] * 15, "weeks": [2.5 + p for p in people]}
    mark = [0, 1, 1] * 10
    assert guess(raw(**common, censor=mark)).roles["censored"] == "censor"
    assert guess(raw(**common, relapse=mark)).roles["occurred"] == "relapse"


@pytest.mark.parametrize(
    ("name", "values", "scale", "change"),
    [
        ("HAMDTL17", [3, 52], "HAMD17", False),
        ("MADRS_Total", [0, 60], "MADRS", False),
        ("MADRS", [0, 61], "MADRS", False),
        ("phq9", [0, 27], "PHQ-9", False),
        ("PANSS", [-30, 20], "PANSS change", True),
    ],
)
def test_scales_by_name_and_range(name, values, scale, change):
    found = guess_scale([Column(name, as_text(pd.Series(values)))], name)
    assert (found.name, found.change) == (scale, change)
    assert (found.definition is None) == (name not in ("MADRS", "PANSS"))


@given(st.lists(st.text(max_size=60), unique=True, max_size=12))
def test_names_are_names_of_a_plan_and_differ(labels):
    named = names_of(labels, "arm")
    pattern = Name.__metadata__[0].pattern
    assert all(re.fullmatch(pattern, name) and len(name) <= 40 for name in named.values())
    assert len(set(named.values())) == len(labels)


@pytest.mark.parametrize(
    ("labels", "references"),
    [
        (("Drug", "PLACEBO"), ("PLACEBO",)),
        (("0", "1"), ()),
        (("A", "B"), ()),
        (("BtheB", "TAU"), ("TAU",)),
        (("CBT", "waiting list", "usual care"), ("waiting list", "usual care")),
        (("Sham", "TMS"), ("Sham",)),
    ],
)
def test_a_reference_arm_is_one_that_names_a_control(labels, references):
    assert references_in(labels) == references


def test_a_proposal_is_a_value(tmp_path):
    long_file(tmp_path)
    first, second = inspect_folder(tmp_path), inspect_folder(tmp_path)
    assert dataclasses.asdict(first.proposals[0]) == dataclasses.asdict(second.proposals[0])


def test_arms_in_another_file_and_scales_below_each_other(tmp_path):
    people = [f"P{i:02d}" for i in range(30)]
    arms = ["Placebo", "Active"] * 15
    pd.DataFrame({"id": people, "arm": arms}).to_csv(tmp_path / "people.csv", index=False)
    rows = [
        {"id": person, "visit": visit, "scale": scale, "score": base - week}
        for number, person in enumerate(people)
        for week, visit in enumerate(("Baseline", "Week 1", "Week 2"))
        for scale, base in (("BDI total", 20 + number % 9), ("Weight", 70 + number))
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "scores.csv", index=False)
    (open_,) = (q for q in inspect_folder(tmp_path).proposals[0].questions if q.is_open)
    assert open_.key == "rows"  # which of several scales is analysed is not for a program to say
    seen = inspect_folder(tmp_path, answers={"rows": "scale BDI total"})
    data = seen.proposals[0].plan["data"]
    assert data["files"] == {"visits": "scores.csv", "subjects": "people.csv"}
    assert data["where"] == {"visits": {"scale": ["BDI total"]}}
    plan_file = tmp_path / "plan.yaml"
    plan_file.write_text(plan_words(seen), encoding="utf-8")
    run(Request(plan_file, tmp_path, dry_run=True), lambda _: None)
    assert read_plan(plan_file)[0].endpoints["outcome"].scale == "BDI-II"


def test_a_hostile_column_name_stays_a_name(tmp_path):
    """It neither drives the terminal nor leaves its comment in the plan."""
    rows = [(f"P{i:02d}", "ab"[i % 2], f"x{i}@example.org", 20 + i, 10 + i) for i in range(30)]
    columns = ["id", "arm", "mail\x1b[2J\nstudy: {id: evil}", "madrs_0w", "madrs_4w"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "x.csv", index=False)
    seen = inspect_folder(tmp_path)
    text = inspection_words(seen) + plan_words(seen)
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line.startswith("study: {id: evil}")]


def adtte(arm: str, people: int = 30, **columns) -> pd.DataFrame:
    """Times of a CDISC ADTTE by itself."""
    return pd.DataFrame(
        {
            "USUBJID": [f"S{k:03d}" for k in range(people)],
            arm: ["Active", "Placebo"] * (people // 2),
            "PARAMCD": "TTR",
            "AVAL": [3.0 + k for k in range(people)],
            "CNSR": [0, 1, 2] * (people // 3),
            **columns,
        }
    )


@pytest.mark.parametrize("arm", ["TRTP", "TRT01P", "TRTA"])
@pytest.mark.parametrize(("unit", "days"), [("DAYS", 28), ("WEEKS", 28 * 7)])
def test_times_of_adam_alone_are_times(arm, unit, days, tmp_path):
    """Not the scores of an MMRM; the restricted mean goes to a round day of follow-up."""
    adtte(arm, AVALU=unit).to_csv(tmp_path / "adtte.csv", index=False)
    (proposal,) = inspect_folder(tmp_path).proposals
    plan = proposal.plan
    assert plan["data"]["standard"] == "adam"
    assert plan["data"]["files"] == {"times": "adtte.csv"}
    assert plan["analyses"]["time_to_event"]["model"] == "time_to_event"
    assert plan["analyses"]["time_to_event"]["rmst_days"] == days
    (tmp_path / "plan.yaml").write_text(plan_words(inspect_folder(tmp_path)), encoding="utf-8")
    outcome = run(Request(tmp_path / "plan.yaml", tmp_path, tmp_path / "out"), lambda _: None)
    assert outcome.failures == ()


def test_names_of_adam_in_small_letters_make_the_same_plan(tmp_path):
    rows = [(f"S{at}", ("Drug", "Placebo")[at % 2]) for at in range(40)]
    people = pd.DataFrame(rows, columns=["USUBJID", "TRT01P"])
    visits = people.rename(columns={"TRT01P": "TRTP"}).merge(
        pd.DataFrame({"AVISIT": ["Baseline", "Week 4"], "ADY": [1, 29]}), how="cross"
    )
    visits = visits.assign(PARAMCD="MADRS", AVAL=range(80), ANL01FL="Y", DTYPE="")
    plans = []
    for letters in (str.upper, str.lower):
        folder = tmp_path / letters.__name__ / "study"
        folder.mkdir(parents=True)
        people.rename(columns=letters).to_csv(folder / "adsl.csv", index=False)
        visits.rename(columns=letters).to_csv(folder / "adqs.csv", index=False)
        plans.append(inspect_folder(folder).chosen.plan)
    assert plans[0]["data"]["standard"] == "adam"
    assert plans[0] == plans[1]


def test_laboratory_values_of_adam_are_no_scores(tmp_path):
    """ADLB has AVAL, AVISIT and PARAMCD as ADQS has, and comes first in the alphabet."""
    values = pd.DataFrame(adlb(1)).assign(AVISIT="Week 4", PARAM="A test")
    values.to_csv(tmp_path / "adlb.csv", index=False)
    adqs().assign(PARAMCD="MADRSTOT").to_csv(tmp_path / "adqs.csv", index=False)
    adsl().to_csv(tmp_path / "adsl.csv", index=False)
    (proposal,) = inspect_folder(tmp_path).proposals
    files = {"laboratory": "adlb.csv", "visits": "adqs.csv", "subjects": "adsl.csv"}
    assert proposal.plan["data"]["files"] == files
    tests = proposal.plan["safety"]["laboratory"]
    assert tests["ALT"] == {"label": "A test", "unit": "U/L"}
    assert sorted(tests) == ["ALT", "GLUC", "K"]


def test_several_parameters_of_times_leave_one(tmp_path):
    both = [adtte("TRTP"), adtte("TRTP").assign(PARAMCD="OS")]
    pd.concat(both).to_csv(tmp_path / "adtte.csv", index=False)
    (proposal,) = inspect_folder(tmp_path).proposals
    assert proposal.plan["data"]["where"]["times"]["PARAMCD"].startswith("fill this:")
    (proposal,) = inspect_folder(tmp_path, answers={"time": "TTR"}).proposals
    assert proposal.plan["data"]["where"] == {"times": {"PARAMCD": ["TTR"]}}


@pytest.mark.parametrize(
    ("name", "words", "meaning"),
    [
        ("relapse", ["No", "Yes", "Yes"], {"No": False, "Yes": True}),
        ("event", ["censored", "relapse", "relapse"], {"censored": False, "relapse": True}),
        ("outcome", ["censored", "relapse", "relapse"], {"censored": False, "relapse": True}),
        ("died", ["Alive", "Dead", "Dead"], {"Alive": False, "Dead": True}),
        ("event", [0, 1, 1], None),
    ],
)
def test_events_in_codes_and_words(name, words, meaning, tmp_path):
    people = list(range(30))
    frame = pd.DataFrame({"id": people, "arm": ["a", "b"] * 15, "weeks": [2.5 + p for p in people]})
    frame[name] = words * 10
    frame.to_csv(tmp_path / "times.csv", index=False)
    (proposal,) = inspect_folder(tmp_path).proposals
    data = proposal.plan["data"]
    assert data["columns"]["occurred"] == name
    assert data.get("labels", {}).get("occurred") == meaning
    told = [*proposal.remarks, *(q.told for q in proposal.questions)]
    assert any(f"`{name}` is taken to" in line or f"occurred: {name}" in line for line in told)


def coded_times(tmp_path, *, later):
    """A status of 1 and 2; those with `later` are followed to the end of the study."""
    people = list(range(30))
    frame = pd.DataFrame({"id": people, "arm": ["a", "b"] * 15, "weeks": [2.5 + p for p in people]})
    frame["status"] = [1, 2, 2] * 10
    if later:
        frame["weeks"] += 40 * (frame["status"] == later)
    frame.to_csv(tmp_path / "times.csv", index=False)


@pytest.mark.parametrize(("later", "event"), [(1, "2"), (2, "1")])
def test_of_1_and_2_the_times_tell_which_is_the_event(later, event, tmp_path):
    """In R 2 is the event; elsewhere it may be 1."""
    coded_times(tmp_path, later=later)
    (proposal,) = inspect_folder(tmp_path).proposals
    data = proposal.plan["data"]
    assert data["columns"]["occurred"] == "status"
    assert data["labels"]["occurred"] == {"1": event == "1", "2": event == "2"}


def test_of_1_and_2_is_asked_where_the_times_tell_nothing(tmp_path):
    coded_times(tmp_path, later=0)
    (proposal,) = inspect_folder(tmp_path).proposals
    assert proposal.plan["data"]["columns"]["occurred"].startswith("fill this:")
    (proposal,) = inspect_folder(tmp_path, answers={"event": "1"}).proposals
    assert proposal.plan["data"]["labels"]["occurred"] == {"1": True, "2": False}


def visits_of(labels, tmp_path):
    rows = [
        (f"S{person:02d}", "ab"[person % 2], label, 20 + person % 7 - place)
        for person in range(30)
        for place, label in enumerate(labels)
    ]
    pd.DataFrame(rows, columns=["id", "arm", "visit", "y"]).to_csv(
        tmp_path / "scores.csv", index=False
    )
    (proposal,) = inspect_folder(tmp_path).proposals
    return proposal


@pytest.mark.parametrize("label", ["EOT", "ET", "Unscheduled", "Follow-up"])
def test_a_visit_that_says_no_day_moves_no_other(label, tmp_path):
    """Week 2 is day 15, fourteen days after the first dose on day 1, wherever a label sorts."""
    proposal = visits_of(["Screening", "wk02", "wk10", label], tmp_path)
    (phase,) = proposal.plan["phases"].values()
    assert phase["visits"] == {"Baseline": {"day": 1}, "wk02": {"day": 15}, "wk10": {"day": 71}}
    assert proposal.plan["data"]["where"] == {"visits": {"visit": ["Screening", "wk02", "wk10"]}}
    assert any(f"no day is known of `{label}`" in remark for remark in proposal.remarks)
    (tmp_path / "plan.yaml").write_text(plan_words(answered(tmp_path)), encoding="utf-8")
    run(Request(tmp_path / "plan.yaml", tmp_path, dry_run=True), lambda _: None)


def test_visits_that_say_no_day_are_in_the_order_of_a_study(tmp_path):
    proposal = visits_of(["Pre", "Follow-up", "End", "Mid"], tmp_path)
    (phase,) = proposal.plan["phases"].values()
    assert list(phase["visits"]) == ["Baseline", "Mid", "End", "Follow-up"]
    assert any("put 7 days apart" in remark for remark in proposal.remarks)
