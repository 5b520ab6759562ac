"""Covariates are called as the plan says, with units; without, by their names in words."""

from pathlib import Path

import pytest
import yaml

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.labels import characteristics_of, level_label, plain, with_unit

PLAN = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"


def plan_with(tmp_path, characteristics):
    content = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    content["report"]["characteristics"] = characteristics
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


NAMED = {
    "age": {"label": "Age", "unit": "years"},
    "region": {"label": "Region of the site", "levels": {"Other": "Elsewhere"}},
}


def test_names_units_and_levels_are_those_of_the_plan(tmp_path):
    plan, _ = read_plan(plan_with(tmp_path, NAMED))
    with characteristics_of(plan):
        assert (with_unit("age"), plain("age")) == ("Age, years", "age")
        assert plain("region") == "region of the site"
        assert plain("region: Other") == "region of the site: Elsewhere"
        assert level_label("region", "Other", ("Other", "Europe")) == "Elsewhere"
        assert level_label("region", "Europe", ("Other", "Europe")) == "Europe"
        assert with_unit("failed_antidepressants") == "Failed antidepressants"
    assert plain("region: Other") == "region: Other"
    assert with_unit("age") == "Age"


def test_a_name_for_a_covariate_that_the_plan_does_not_use_is_told(tmp_path):
    with pytest.raises(PlanError) as caught:
        read_plan(plan_with(tmp_path, {"regoin": {"label": "Region"}}))
    (problem,) = caught.value.problems
    assert problem.expected == "a covariate that the plan defines"
    assert "did you mean `region`?" in problem.remedy
