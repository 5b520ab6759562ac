"""A file of published results: what is taken of it, and every fault at once."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from ketaoutcomes.data.studies import load_studies
from ketaoutcomes.errors import DataError
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means
from ketaoutcomes.plan.reading.synthesis_file import read_synthesis
from ketaoutcomes.plan.synthesis import EffectOfStudy, Outcome, SynthesisPlan
from ketaoutcomes.synthesis.fit import effect_of, synthesis_results

HEADER = "study,dose,scale,day,n1,mean1,sd1,n2,mean2,sd2,ev1,tot1,ev2,tot2,main"
ROWS = (
    "Ash 2019,high,MADRS,7,20,10,5,21,16,6,,,,,1",
    "Ash 2019,low,MADRS,7,19,13,5,21,16,6,,,,,1",
    "Birch 2020,high,HAMD,14,30,8,4,30,11,4,12,30,5,30,1",
    "Birch 2020,high,HAMD,28,30,9,4,30,11,4,,,,,0",
    "Cedar 2021,low,MADRS,7,,,,,,,3,15,1,16,1",
)


def plan(**outcomes: dict) -> SynthesisPlan:
    arm = {
        arm: {"n": f"n{i}", "mean": f"mean{i}", "sd": f"sd{i}"}
        for i, arm in enumerate(("active", "control"), 1)
    }
    counts = {
        arm: {"events": f"ev{i}", "n": f"tot{i}"} for i, arm in enumerate(("active", "control"), 1)
    }
    severity = {
        "label": "Severity",
        "role": "primary",
        "measure": "hedges_g",
        "better": "lower",
        "results": ["means"],
        "where": {"main": 1},
        "prefer": {"dose": ["high"]},
    }
    return SynthesisPlan.model_validate(
        {
            "synthesis": {"id": "x", "title": "x", "question": "x?", "condition": "x"},
            "data": {
                "file": "studies.csv",
                "columns": {
                    "study": "study",
                    "instrument": "scale",
                    "days": "day",
                    "means": arm,
                    "counts": counts,
                    "characteristics": {"Dose": "dose"},
                },
            },
            "outcomes": {"severity": severity} | outcomes,
        }
    )


def load(folder: Path, rows: tuple[str, ...] = ROWS, **outcomes: dict):
    (folder / "studies.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return load_studies(plan(**outcomes), folder)[0]


RESPONSE = {"label": "Response", "measure": "risk_ratio", "better": "higher", "results": ["counts"]}


def test_each_study_gives_the_result_that_is_wanted_most(tmp_path):
    severity, response = load(tmp_path, response=RESPONSE)
    assert [(s.study, s.row) for s in severity.studies] == [("Ash 2019", 2), ("Birch 2020", 4)]
    assert severity.studies[0].numbers == (Means(20, 10, 5), Means(21, 16, 6))
    assert severity.studies[0].characteristics == (("Dose", "high"),)
    assert severity.left_out == (
        ("`main` is not 1", 1),
        ("no means", 1),
        ("another result of the study was preferred", 1),
    )
    assert [s.numbers for s in response.studies] == [
        (Counts(12, 30), Counts(5, 30)),
        (Counts(3, 15), Counts(1, 16)),
    ]


def test_rows_left_out_and_pooled_are_all_rows(tmp_path):
    for data in load(tmp_path, response=RESPONSE):
        assert data.rows == len(ROWS) == len(data.studies) + sum(n for _, n in data.left_out)


def test_two_results_that_are_wanted_alike_are_told_with_their_rows(tmp_path):
    twice = (*ROWS, ROWS[0])
    with pytest.raises(DataError) as caught:
        load(tmp_path, twice)
    (problem,) = caught.value.problems
    assert problem.place == "studies.csv, rows 2, 7"
    assert "outcomes.severity.where" in problem.remedy


def test_every_fault_is_told_in_one_pass(tmp_path):
    rows = (
        "Ash 2019,high,MADRS,7,20,ten,5,21,16,6,,,,,1",
        "Birch 2020,high,HAMD,14,30,8,0,30,11,4,12,10,5,30,1",
        "Cedar 2021,high,MADRS,7,1,8,3,9,9,3,3,15.5,1,16,1",
    )
    with pytest.raises(DataError) as caught:
        load(tmp_path, rows, response=RESPONSE)
    told = {(problem.place, problem.expected) for problem in caught.value.problems}
    assert told == {
        ("studies.csv, mean1, row 2", "a number"),
        ("studies.csv, sd1, row 3", "an SD above 0"),
        ("studies.csv, n1, row 4", "2 participants or more in an arm"),
        ("studies.csv, ev1, row 3", "0 to 10 events"),
        ("studies.csv, tot1, row 4", "a whole number"),
    }


def test_columns_that_are_not_there_are_told_all_at_once(tmp_path):
    (tmp_path / "studies.csv").write_text("study,dose,scale,n1,mean1,sd1\nA,high,MADRS,1,2,3\n")
    with pytest.raises(DataError) as caught:
        load_studies(plan(), tmp_path)
    wanted = {problem.expected.split("`")[1] for problem in caught.value.problems}
    assert wanted == {"day", "n2", "mean2", "sd2", "ev1", "tot1", "ev2", "tot2", "main"}


def test_a_filter_that_leaves_nothing_is_told(tmp_path):
    with pytest.raises(DataError, match="rows to pool"):
        load(tmp_path, response=RESPONSE | {"where": {"scale": "BDI"}})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"results": ["counts"]}, "is made of means or changes"),
        ({"results": ["changes"]}, "which `data.columns` lacks"),
        ({"groups": ["Country"]}, "not a characteristic"),
        ({"role": "secondary"}, "one outcome is primary"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(change, words):
    whole = plan().model_dump()
    whole["outcomes"]["severity"] |= change
    with pytest.raises(ValueError, match=words):
        SynthesisPlan.model_validate(whole)


def test_infinity_is_no_number(tmp_path):
    rows = ("Ash 2019,high,MADRS,7,inf,10,5,21,inf,6,,,,,1", *ROWS[2:])
    with pytest.raises(DataError) as caught:
        load(tmp_path, rows)
    told = {(problem.place, problem.expected) for problem in caught.value.problems}
    assert told == {
        ("studies.csv, n1, row 2", "a whole number"),
        ("studies.csv, mean2, row 2", "a number"),
    }


def test_rows_without_the_name_of_a_study_are_refused(tmp_path):
    nameless = tuple("," + row.split(",", 1)[1] for row in ROWS[:2])
    with pytest.raises(DataError) as caught:
        load(tmp_path, (*nameless, *ROWS[2:]))
    (problem,) = caught.value.problems
    assert (problem.place, problem.found) == ("studies.csv, study, rows 2, 3", "empty")


def test_a_study_of_which_nothing_is_used_is_named_with_the_reason(tmp_path):
    rows = (*ROWS, "Dogwood 2022,high,MADRS,7,20,10,,21,16,6,,,,,1")
    severity, response = load(tmp_path, rows, response=RESPONSE)
    assert severity.not_used == (
        ("Cedar 2021", "no means"),
        ("Dogwood 2022", "means without sd"),
    )
    assert dict(response.not_used)["Ash 2019"] == "no counts"


def test_an_instrument_that_is_scored_the_other_way_turns_the_sign(tmp_path):
    severity = plan().outcomes["severity"].model_dump() | {"reversed_instruments": ["HAMD"]}
    (data,) = load(tmp_path, severity=severity)
    ash, birch = data.studies
    assert (ash.turned, birch.turned) == (False, True)
    assert effect_of("hedges_g", ash).estimate < 0 < effect_of("hedges_g", birch).estimate
    assert effect_of("hedges_g", birch).estimate == pytest.approx(
        -effect_of("hedges_g", replace(birch, turned=False)).estimate
    )


EFFECTS = "study,day,hr,low,high,se,n1,n2"


def effects_plan(measure: str = "hazard_ratio", **columns: object) -> SynthesisPlan:
    told = {"estimate": "hr", "low": "low", "high": "high", "active_n": "n1", "control_n": "n2"}
    outcome = {
        "label": "Relapse",
        "role": "primary",
        "measure": measure,
        "better": "lower",
        "results": ["effects"],
    }
    return SynthesisPlan.model_validate(
        {
            "synthesis": {"id": "x", "title": "x", "question": "x?", "condition": "x"},
            "data": {
                "file": "studies.csv",
                "columns": {"study": "study", "effects": told | columns},
            },
            "outcomes": {"relapse": outcome},
        }
    )


def load_effects(folder: Path, *rows: str, **columns: object):
    (folder / "studies.csv").write_text("\n".join([EFFECTS, *rows]) + "\n")
    return load_studies(effects_plan(**columns), folder)[0][0]


def test_an_effect_that_a_study_tells_has_the_error_of_its_interval(tmp_path):
    # SUSTAIN-1 (Daly et al. 2019, JAMA Psychiatry 76:893-903): 0.49 (0.29 to 0.84) and
    # 0.30 (0.16 to 0.55); the error of the logarithm is the width over twice 1.96
    data = load_effects(
        tmp_path, "Remission,1,0.49,0.29,0.84,,90,86", "Response,1,0.30,0.16,0.55,,62,59"
    )
    effects = [effect_of("hazard_ratio", study) for study in data.studies]
    assert [e.estimate for e in effects] == pytest.approx([math.log(0.49), math.log(0.30)])
    errors = [e.variance**0.5 for e in effects]
    widths = [math.log(0.84 / 0.29), math.log(0.55 / 0.16)]
    assert errors == pytest.approx([w / (2 * 1.959963985) for w in widths], rel=1e-9)
    assert [study.subjects for study in data.studies] == [176, 121]


def test_a_standard_error_is_preferred_to_an_interval_and_sizes_may_be_lacking(tmp_path):
    (study,) = load_effects(tmp_path, "Ash,1,0.5,0.3,0.8,0.31,40,", std_error="se").studies
    assert effect_of("hazard_ratio", study).variance == pytest.approx(0.31**2)
    assert study.subjects is None


def test_effects_that_cannot_be_are_told_with_their_columns(tmp_path):
    with pytest.raises(DataError) as caught:
        load_effects(
            tmp_path,
            "Ash,1,-0.5,0.3,0.8,,9,9",
            "Birch,1,0.5,0.6,0.8,,9,9",
            "Cedar,1,0.5,0.3,0.4,,9,9.5",
        )
    told = {(problem.place, problem.expected) for problem in caught.value.problems}
    assert ("studies.csv, hr, row 2", "a ratio above 0") in told
    assert ("studies.csv, low, row 3", "a limit below the estimate") in told
    assert ("studies.csv, n2, row 4", "a whole number") in told


def test_effects_without_any_error_are_left_out_with_the_reason(tmp_path):
    data = load_effects(tmp_path, "Ash,1,0.5,0.3,0.8,,9,9", "Birch,1,0.5,0.3,,,9,9")
    assert data.not_used == (("Birch", "effects without error"),)


def test_a_hazard_ratio_is_told_by_studies_and_by_nothing_else():
    with pytest.raises(ValidationError, match="`hazard_ratio` is made of effects, not of counts"):
        Outcome.model_validate(
            {"label": "x", "measure": "hazard_ratio", "better": "lower", "results": ["counts"]}
        )
    with pytest.raises(ValidationError, match="`std_error`, or `low` and `high`"):
        EffectOfStudy(estimate="x", low="y")


def test_published_differences_are_those_of_the_register(evidence_dir):
    """Every row of the shipped file, against the record of evidence that it names."""
    analyses = Path(__file__).resolve().parents[3] / "analyses"
    rows = pd.read_csv(analyses / "ketamine_trials.csv")
    register = {}
    for name in ("published_results_trd.yaml", "published_results_other.yaml"):
        register |= {e["id"]: e for e in YAML(typ="safe").load(evidence_dir / name)}
    for _, row in rows.iterrows():
        entry = register[row["record"]]
        assert entry["verified"] is True
        numbers = [row["effect"], row["low"], row["high"], row["se"]]
        told = [entry.get(key) for key in ("value", "ci_low", "ci_high", "se")]
        assert [None if pd.isna(x) else x for x in numbers] == told, row["record"]


def test_the_shipped_synthesis_needs_nothing_but_its_folder():
    analyses = Path(__file__).resolve().parents[3] / "analyses"
    plan, _ = read_synthesis(analyses / "ketamine_trials.yaml")
    one_day, four_weeks = load_studies(plan, analyses)[0]
    assert [len(one_day.studies), len(four_weeks.studies)] == [5, 6]
    rows = {r.id: r for r in synthesis_results(plan, four_weeks)}
    pooled = rows["synt02/four_weeks/pooled_effect"]
    # by hand, with no variance between studies: weights of 1 / SE^2
    y, v = (
        np.array([getattr(effect_of("mean_difference", s), field) for s in four_weeks.studies])
        for field in ("estimate", "variance")
    )
    assert rows["synt02/four_weeks/variance_between_studies"].estimate == 0
    assert pooled.estimate == pytest.approx((y / v).sum() / (1 / v).sum(), rel=1e-12)


def test_a_value_in_another_spelling_is_refused(tmp_path):
    changed = plan().outcomes["severity"].model_dump() | {"prefer": {"dose": ["High"]}}
    with pytest.raises(DataError, match="did you mean `high`"):
        load(tmp_path, severity=changed)
    turned = plan().outcomes["severity"].model_dump() | {"reversed_instruments": ["HAM-D"]}
    with pytest.raises(DataError, match="did you mean `HAMD`"):
        load(tmp_path, severity=turned)


WITHOUT_SUMS = """\
author,year,ev1,no1,ev2,no2
Ash,2019,4,119,11,128
Birch,2020,6,300,29,274
"""
WITH_SUMS = """\
study,ev1,tot1,ev2,tot2
Ash 2019,4,123,11,139
Birch 2020,6,306,29,303
"""


def counts_plan(study: str, n: tuple[str, str], **data: object) -> SynthesisPlan:
    arms = {
        arm: {"events": f"ev{i}", "n": column}
        for i, (arm, column) in enumerate(zip(("active", "control"), n, strict=True), 1)
    }
    return SynthesisPlan.model_validate(
        {
            "synthesis": {"id": "x", "title": "x", "question": "x?", "condition": "x"},
            "data": {"file": "studies.csv", "columns": {"study": study, "counts": arms}} | data,
            "outcomes": {"response": RESPONSE | {"role": "primary"}},
        }
    )


def test_columns_that_the_file_lacks_are_calculated(tmp_path):
    """The sums by hand: 4 + 119, 11 + 128, 6 + 300, 29 + 274."""
    file = tmp_path / "studies.csv"
    file.write_text(WITH_SUMS)
    told = load_studies(counts_plan("study", ("tot1", "tot2")), tmp_path)[0]
    file.write_text(WITHOUT_SUMS)
    made = {"trial": 'author & " " & year', "all1": "ev1 + no1", "all2": "ev2 + no2"}
    calculated = counts_plan("trial", ("all1", "all2"), derive=made)
    assert load_studies(calculated, tmp_path)[0] == told


def test_a_formula_of_columns_that_are_not_there_is_told(tmp_path):
    (tmp_path / "studies.csv").write_text(WITHOUT_SUMS)
    wrong = counts_plan("author", ("all1", "all2"), derive={"all1": "ev1 + non1"})
    with pytest.raises(DataError) as error:
        load_studies(wrong, tmp_path)
    (problem,) = error.value.problems
    assert problem.place == "the plan, data.derive.all1"
    assert "did you mean `no1`?" in problem.remedy
