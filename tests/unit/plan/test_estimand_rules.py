"""Rules of sound estimands: what is refused, where and why, and what is only told."""

from pathlib import Path
from typing import Any

import pytest

from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.registry import models
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_rules import (
    ESTIMAND_RULES,
    cautions,
    estimand_findings,
    estimand_warnings,
)
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"


def refusal(tmp_path: Path, plan: str, *changes: tuple[str, str]) -> PlanError:
    text = (ANALYSES / f"{plan}.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    return caught.value


CASES: dict[str, tuple[str, tuple[tuple[str, str], ...], str, str, str]] = {
    "last observation carried forward as primary": (
        "trd",
        (
            (
                "response: {estimand: response, role: secondary, model: proportions",
                "response: {estimand: response, role: primary, missing_as: last observation, "
                "model: proportions",
            ),
        ),
        "`last observation` carried forward",
        "write `missing_as: failure`",
        "National Research Council 2010",
    ),
    "sensitivity of another estimand": (
        "maintenance",
        (("role: supplementary", "role: sensitivity"),),
        "`sensitivity` for `relapse_on_treatment`",
        "`supplementary`",
        "A.5.2 and A.5.3",
    ),
    "composite of a change": (
        "trd",
        (("{treatment discontinuation: hypothetical}", "{treatment discontinuation: composite}"),),
        "`composite`",
        "composite needs an outcome that the event can be part of",
        "A.3.2",
    ),
    "composite without a record": (
        "smoking_relapse",
        (
            (
                "{treatment discontinuation: treatment_policy}",
                "{treatment discontinuation: composite}",
            ),
        ),
        "no `events` file",
        "name an `events` file",
        "A.3.2",
    ),
    "a strategy that cannot be carried out": (
        "trd",
        (
            (
                "{treatment discontinuation: hypothetical}",
                "{treatment discontinuation: principal stratum}",
            ),
        ),
        "`principal_stratum`",
        "choose one of these",
        "A.3.2",
    ),
    "no population": (
        "trd",
        (
            (
                "population: Adults with treatment-resistant depression, all randomised",
                "population: '  '",
            ),
        ),
        "no words",
        "say whose outcomes",
        "A.3.3",
    ),
    "treatment policy that ends follow-up": (
        "maintenance",
        (("competing: [lack of efficacy]", "competing: [treatment discontinuation]"),),
        "after which follow-up goes on by treatment policy",
        "take the event out of `competing`",
        "A.3.2",
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_plan_is_refused_with_place_remedy_and_source(tmp_path: Path, case: str) -> None:
    plan, changes, found, remedy, source = CASES[case]
    error = refusal(tmp_path, plan, *changes)
    (problem,) = error.problems
    assert found in problem.found
    assert remedy in problem.remedy
    assert source in problem.expected
    line = int(problem.place.split(":")[-2])
    key = changes[-1][1].strip("{}").split(":")[0].split(" ")[0]
    assert key.strip("'") in (tmp_path / "plan.yaml").read_text().splitlines()[line - 1]
    assert error.exit_code == 2


def changed(plan: str, *path_and_value: Any) -> AnalysisPlan:
    """A plan of the project with one value replaced."""
    *path, value = path_and_value
    whole = read_plan(ANALYSES / f"{plan}.yaml")[0].model_dump(mode="json", exclude_defaults=True)
    here = whole
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return AnalysisPlan.model_validate(whole)


def test_a_reference_based_assumption_is_no_hypothetical_one(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        "trd",
        ("  jump:\n    estimand: treatment_policy", "  jump:\n    estimand: primary"),
    )
    (problem,) = error.problems
    assert problem.found == "`jump_to_reference`, which estimates a treatment policy effect"
    assert "with `treatment_policy` for this event" in problem.remedy
    assert "Carpenter" in problem.expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("trd", "analyses", "response", "missing_as", "last observation"), "older trials"),
        (("trd", "estimands", "primary", "intercurrent_events", {}), "names none"),
        (
            (
                *("trd", "estimands", "primary", "intercurrent_events"),
                {"treatment discontinuation": "treatment policy"},
            ),
            "as under a hypothetical strategy",
        ),
    ],
)
def test_what_is_only_told(change: tuple[Any, ...], words: str) -> None:
    plan = changed(*change)
    assert not [f for f in estimand_findings(plan) if f.refused]
    (warning,) = estimand_warnings(plan)
    assert words in warning
    assert change[2] in warning.split(": ")[0]


def test_a_reader_is_told_once_with_all_places_of_the_plan() -> None:
    plan, _ = read_plan(ANALYSES / "ketamine_crossover.yaml")
    (told,) = cautions(plan)
    assert told.startswith("The plan specifies no intercurrent event")
    for name in ("primary", "second_period", "hamd"):
        assert f"estimands.{name}" in told


def test_complete_cases_as_primary_are_told() -> None:
    plan = changed("trd", "analyses", "response", "missing_as", "excluded")
    assert not estimand_warnings(plan)
    primary = plan.analyses["response"].model_copy(update={"role": "primary"})
    plan = plan.model_copy(update={"analyses": plan.analyses | {"response": primary}})
    (warning,) = estimand_warnings(plan)
    assert "EMA guideline" in warning


OF_SUBJECTS = [path for path in sorted(ANALYSES.glob("*.yaml")) if not is_synthesis(path)]


@pytest.mark.parametrize("path", OF_SUBJECTS, ids=lambda path: path.stem)
def test_the_plans_of_the_project_keep_the_rules(path: Path) -> None:
    assert not [f for f in estimand_findings(read_plan(path)[0]) if f.refused]


def test_every_rule_has_its_reason() -> None:
    of_models = [rule for model in models().values() for rule in model.rules]
    assert of_models
    for rule in (*ESTIMAND_RULES, *of_models):
        assert rule.__doc__


def test_a_time_varying_covariate_on_an_unknown_scale_is_named(tmp_path: Path) -> None:
    error = refusal(
        tmp_path, "maintenance", ("time_varying: [{scale: MADRS}", "time_varying: [{scale: MADSR}")
    )
    (problem,) = error.problems
    assert (problem.found, problem.remedy) == ("`MADSR`", "did you mean `MADRS`?")
