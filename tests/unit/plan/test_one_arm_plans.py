"""What a plan of one arm may not ask: each comparison is refused where it stands."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan.estimand_rules import cautions, estimand_warnings
from ketaoutcomes.plan.reading.plan_file import read_plan
from one_arm_study import PLAN


def refused(tmp_path: Path, old: str, new: str) -> Problem:
    """The one fault of the open study's plan with some text replaced."""
    assert old in PLAN
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    (problem,) = caught.value.problems
    text = path.read_text().splitlines()
    line = int(problem.place.split(":")[-2])
    assert any(word in text[line - 1] for word in new.split() if word not in old.split())
    return problem


@pytest.mark.parametrize(
    ("old", "new", "found", "remedy"),
    [
        (
            "summary: mean change",
            "summary: difference in means",
            "`difference_in_means`",
            "use one of: mean_change",
        ),
        (
            "summary: restricted mean time",
            "summary: hazard ratio",
            "`hazard_ratio`",
            "use one of: restricted_mean_time",
        ),
        (
            "model: random_intercept}",
            "model: tipping_point, delta_range: {drug: [0, 9]}}",
            "`tipping_point`, which compares arms",
            "use one of: mmrm,",
        ),
        (
            "model: logistic_mixed}",
            "model: g_computation}",
            "`g_computation`, which compares arms",
            "logistic_mixed",
        ),
        (
            "model: proportions}",
            "model: proportions, strata: [sex]}",
            "`strata`, which belongs to a comparison of arms",
            "remove it",
        ),
        (
            "competing: [death]",
            "weighted_tests: [Peto-Peto]",
            "`weighted_tests`, which belongs to a comparison of arms",
            "remove it",
        ),
        (
            "  condition: major depression",
            "  condition: major depression\n  claims: [rapid_onset]",
            "`rapid_onset` next to `change`, of one arm",
            "take the claim out, or name analyses that compare arms",
        ),
        (
            "  condition: major depression",
            "  condition: major depression\n  claims: {rapid_onset: [response]}",
            "`rapid_onset` next to `response`, of one arm",
            "take the claim out, or name analyses that compare arms",
        ),
        (
            "    arms: {drug: The drug}",
            "    arms: {drug: The drug}\n    reference: placebo",
            "`placebo`",
            "use one of: drug",
        ),
    ],
)
def test_a_comparison_is_refused_in_a_sentence(tmp_path, old, new, found, remedy) -> None:
    problem = refused(tmp_path, old, new)
    assert problem.found == found
    assert remedy in problem.remedy


def test_nothing_is_imputed_from_a_reference_that_is_not_there(tmp_path: Path) -> None:
    policy = PLAN.replace("stopping: hypothetical", "stopping: treatment policy")
    after = "model: conditional_mean, strategies: {stopping: copy reference},"
    path = tmp_path / "plan.yaml"
    path.write_text(policy.replace("model: conditional_mean,", after), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    (problem,) = caught.value.problems
    assert problem.found == "`copy_reference`"
    assert problem.remedy == "use `missing_at_random` or `last_mean_carried_forward`"


def test_a_hypothesis_needs_a_comparison(tmp_path: Path) -> None:
    family = "multiplicity:\n  all: {method: holm, hypotheses: {a: {analysis: change}, "
    path = tmp_path / "plan.yaml"
    path.write_text(f"{PLAN}{family}b: {{analysis: response}}}}}}\n", encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    found = [problem.found for problem in caught.value.problems]
    assert found == [
        f"`{name}`, whose estimand has no `reference`" for name in ("change", "response")
    ]


def test_the_reader_is_told_once_that_a_change_is_no_effect(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    plan = read_plan(path)[0]
    (warning,) = estimand_warnings(plan)
    assert warning.startswith("estimands.change.treatment: no `reference`")
    (caution,) = cautions(plan)
    assert caution.startswith("Uncontrolled study")
    assert "ICH E10" in caution
