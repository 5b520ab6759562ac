"""The abstract names models that did not come out as planned, and the patients' words are plain."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.abstract import abstract
from ketaoutcomes.report.answer_words import not_adjusted
from ketaoutcomes.report.labels import listed
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.patients import in_plain_language
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.page import Told, agreement
from two_arm_plans import two_arm_plan

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def plan(**blocks: Any) -> AnalysisPlan:
    return two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}},
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "Day 8"},
        {"model": "mmrm", "covariance": ["us", "toeph", "cs"]},
        **blocks,
    )


OF_ANALYSIS = {"analysis": "a", "endpoint": "y", "phase": "p", "visit": "Day 8", "unit": "points"}
MAIN = Result(
    table="mmrmt01",
    statistic="difference in LS means",
    arm="drug",
    reference="control",
    estimate=-3.0,
    conf_low=-5.04,
    conf_high=-0.96,
    conf_level=0.95,
    **OF_ANALYSIS,  # type: ignore[arg-type]
)
MEANS = tuple(
    Result(table="mmrmt01", statistic="LS mean", arm=arm, estimate=mean, **OF_ANALYSIS)  # type: ignore[arg-type]
    for arm, mean in (("control", -6.0), ("drug", -9.0))
)


def record(*ladder: tuple[str, str]) -> MmrmRecord:
    return MmrmRecord(
        analysis="a",
        converged=True,
        structure=ladder[-1][0],
        ladder=ladder,
        visits=("Day 8",),
        covariance=np.eye(1)[None],
        groups=(),
        residuals=np.zeros(1),
        n_subjects=40,
        n_obs=40,
    )


def material(
    rows: tuple[Result, ...], *records: MmrmRecord, asked: AnalysisPlan | None = None
) -> Any:
    """Of participants who were not simulated."""
    provenance, whole = SimpleNamespace(synthetic=False, remarks=()), asked or plan()
    data = whole.data.model_copy(update={"synthetic": None})
    real = whole.model_copy(update={"data": data})
    return Material(real, ResultTable(rows), records, provenance)  # type: ignore[arg-type]


def part(of: Any, name: str) -> str:
    parts = dict(abstract(of, {"a": MAIN}).parts)
    return " ".join(statement.words for statement in parts.get(name, ()))


def test_a_model_that_fell_back_is_a_limitation() -> None:
    fell = record(("us", "the Hessian is singular"), ("toeph", "kept"))
    said = part(material((MAIN, *MEANS), fell), "Limitations")
    assert "the first covariance structure of the plan (unstructured) could not be used" in said
    assert "fell back to another (heterogeneous Toeplitz)" in said
    assert "fell back" not in part(material((MAIN, *MEANS), record(("us", "kept"))), "Limitations")


def test_a_model_without_an_estimate_is_named_with_the_reason() -> None:
    """The first clause of the message is the reason; what the engine said stands in the results."""
    why = "the model did not converge: iteration limit reached"
    failed = replace(
        MAIN, estimate=None, conf_low=None, conf_high=None, status="failed", message=why
    )
    of = material((failed,))
    parts = dict(abstract(of, {}).parts)
    said = " ".join(statement.words for statement in parts["Limitations"])
    assert "has no estimate: the model did not converge." in said
    assert "Some results" not in said


def test_other_results_without_an_estimate_are_named_by_their_analysis() -> None:
    other = replace(MEANS[0], table="mmrmt02", statistic="SD", estimate=None, status="failed")
    said = part(material((MAIN, *MEANS, other)), "Limitations")
    assert "Some results could not be estimated: Mixed model for repeated measures" in said


def test_a_result_that_is_hidden_is_a_limitation() -> None:
    """A secondary result once vanished from the abstract in silence."""
    hidden = replace(MAIN, estimate=None, status="suppressed", suppressed="estimate")
    said = part(material((hidden,)), "Limitations")
    assert "The result for change from baseline in MADRS at Day 8 is hidden, because" in said


@pytest.mark.parametrize(
    ("alone", "adjusted", "words"),
    [
        (1, 0, "The p-value of the secondary result is not adjusted for multiple testing."),
        (
            2,
            0,
            "The p-values of the 2 secondary results are not adjusted for multiple testing; they",
        ),
        (1, 4, "Of the 5 secondary results, 1 has a p-value not adjusted for multiple testing."),
        (2, 3, "Of the 5 secondary results, 2 have p-values not adjusted for multiple testing."),
    ],
)
def test_how_many_p_values_are_not_adjusted(alone: int, adjusted: int, words: str) -> None:
    """Of five secondary results with one unadjusted, "the secondary outcome" was once said."""
    names = [f"s{k}" for k in range(alone + adjusted)]
    analyses = {name: SimpleNamespace(role="secondary") for name in names}
    of = SimpleNamespace(
        plan=SimpleNamespace(analyses=analyses),
        adjusted_p=lambda name: None if name in names[:alone] else MAIN,
    )
    (said,) = not_adjusted(of, dict.fromkeys(names, replace(MAIN, p_value=0.04)))  # type: ignore[arg-type]
    assert said.startswith(words)


@pytest.mark.parametrize(
    ("agree", "lost", "words"),
    [
        (1, 0, "The headline number agrees with a second program."),
        (0, 1, "The headline number does not agree with a second program."),
        (3, 0, "All 3 headline numbers agree with a second program."),
        (2, 1, "Of 3 headline numbers, 2 agree with a second program."),
    ],
)
def test_how_many_numbers_agree(agree: int, lost: int, words: str) -> None:
    checks = tuple(
        Check(
            result=f"r{k}",
            quantity="estimate",
            program="x",
            first=1.0,
            second=1.0,
            difference=float(k >= agree),
            tolerance=1e-6,
            reason="x",
        )
        for k in range(agree + lost)
    )
    assert agreement(Told(checks, (), headline=True, heading_of=str, name_of=str)) == words


def test_labels_with_commas_are_parted_by_semicolons() -> None:
    assert listed(["a", "b"]) == "a and b"
    assert listed(["Xanomeline, low dose", "placebo"]) == "Xanomeline, low dose; and placebo"


def plain(of: Any, *found: tuple[str, Result]) -> str:
    parts = in_plain_language(of, dict(found)).parts
    return " ".join(statement.words for _, own in parts for statement in own)


def test_a_score_is_explained_once_and_each_time_of_it_is_named() -> None:
    """Two visits of one scale were once told alike, without their times."""
    asked = two_arm_plan(
        {"Baseline": {"day": 1}, "Day 8": {"day": 8}, "Day 15": {"day": 15}},
        {"kind": "change", "scale": "MADRS"},
        {"summary": "difference in means", "visit": "Day 8"},
        {"model": "mmrm"},
    )
    later = {"visit": "Day 15"}
    both = asked.model_copy(update={"analyses": {**asked.analyses, "b": asked.analyses["a"]}})
    rows = (MAIN, *MEANS)
    second = tuple(replace(row, analysis="b", **later) for row in rows)  # type: ignore[arg-type]
    said = plain(material((*rows, *second), asked=both), ("a", MAIN), ("b", second[0]))
    assert said.count("A lower score is better.") == 1
    assert "From the start to Day 8, it fell by 9.0 on average in the group “Drug”." in said
    assert "From the start to Day 15, the MADRS fell by 9.0 on average" in said
    assert "The true gap is likely to lie between 1.0 and 5.0 points (lower in the first" in said


def test_no_clear_difference_and_a_limit_near_zero() -> None:
    unclear = replace(MAIN, conf_low=-5.0, conf_high=0.4)
    said = plain(material((unclear, *MEANS)), ("a", unclear))
    assert "There was no clear difference. The true gap may be from 5.0 points lower to 0.4" in said
    near = replace(MAIN, conf_low=-5.0, conf_high=-0.0004)
    said = plain(material((near, *MEANS)), ("a", near))
    assert "between nearly 0 and 5.000 points" in said
    assert "no clear difference" not in said


def test_of_several_periods_the_one_whose_common_terms_stand_there_is_named() -> None:
    """Both periods of a crossover have events; the terms were those of the first, unsaid."""
    whole = read_plan(ANALYSES / "bipolar.yaml")[0]
    rows = tuple(
        Result(
            table="aet02",
            statistic="proportion",
            phase=phase,
            arm="ketamine",
            group=f"Nervous system disorders: {term}",
            estimate=0.25,
        )
        for phase, term in (("period_1", "Headache"), ("period_2", "Sedation"))
    )
    main = replace(MAIN, analysis="crossover", table="crot01", arm="ketamine", phase="period_1")
    for shown, said in (
        (rows, "Most common terms (First period, two weeks): Ketamine 0.5 mg/kg: headache 25.0%."),
        (rows[1:], "Most common terms: Ketamine 0.5 mg/kg: sedation 25.0%."),
    ):
        of = material(shown, asked=whole)
        parts = dict(abstract(of, {"crossover": main}).parts)
        words = " ".join(statement.words for statement in parts["Adverse events"])
        assert said in words
