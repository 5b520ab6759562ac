"""What the records of families answer, and what a family is given that answers nothing."""

import pytest

from ketaoutcomes.families.registry import families, family_of_table, models, tables
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.privacy.rows import hide
from ketaoutcomes.results import Result

SMALLEST = 11
ESTIMAND = Estimand.model_validate(
    {
        "population": "all randomised",
        "treatment": {"active": "high", "reference": "none"},
        "endpoint": "change",
        "visit": "week 4",
        "summary": "difference in means",
        "intercurrent_events": {"discontinuation": "treatment policy"},
    }
)


def test_lists_of_tables_are_of_the_tables_of_the_family() -> None:
    for one in families():
        listed = (
            *one.named_tables,
            *one.estimate_tables,
            *one.comparison_tables,
            *one.group_tables,
            *one.caution_tables,
            *one.shared_counts,
        )
        assert set(listed) <= set(one.tables), one.name


def test_each_table_and_main_result_belongs_to_one_family() -> None:
    names = [table for one in families() for table in one.tables]
    assert len(names) == len(set(names)) == len(tables())
    for model in models().values():
        owner = family_of_table(model.table)
        assert owner is not None
        assert model in owner.models


@pytest.mark.parametrize(
    ("after", "strategy"),
    [
        ({}, None),
        ({"stop": "missing at random"}, "hypothetical"),
        ({"stop": "jump to reference"}, "jump to reference"),
        # copying reference has no counterfactual cohort of its own: no value is known
        ({"stop": "copy reference"}, ""),
        ({"stop": "jump to reference", "rescue": "missing at random"}, ""),
    ],
)
def test_imputation_is_held_against_the_strategy_it_assumes(
    after: dict[str, str], strategy: str | None
) -> None:
    model = models()["conditional_mean"]
    analysis = model.part.model_validate(
        {"estimand": "e", "role": "primary", "model": "conditional_mean", "strategies": after}
    )
    assert model.true_strategy is not None
    assert model.true_strategy(analysis) == strategy


def test_a_flat_dose_response_makes_all_arms_alike() -> None:
    model = models()["dose_response"]
    analysis = model.part.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "dose_response",
            "doses": {"none": 0, "low": 0.2, "high": 0.5},
            "shapes": {"line": {"shape": "linear"}},
        }
    )
    assert model.made_alike is not None
    alike = model.made_alike(analysis, ESTIMAND, Hypothesis(analysis="a"))
    assert alike == (("low", "high"), "none")


def test_a_contrast_that_is_true_makes_its_arms_alike() -> None:
    model = models()["mmrm"]
    contrast = {"arms": {"low": -1, "high": 1}, "average_over": ["week 2", "week 4"]}
    analysis = model.part.model_validate(
        {"estimand": "e", "role": "primary", "model": "mmrm", "contrasts": {"c": contrast}}
    )
    assert model.made_alike is not None
    of_contrast = model.made_alike(analysis, ESTIMAND, Hypothesis(analysis="a", contrast="c"))
    assert of_contrast == (("high",), "low")
    of_arm = model.made_alike(analysis, ESTIMAND, Hypothesis(analysis="a"))
    assert of_arm == (("high",), "none")


@pytest.mark.parametrize(("table", "stays"), [("mmrmt01", True), ("othert01", False)])
def test_estimates_of_an_unknown_table_go_with_their_count(table: str, *, stays: bool) -> None:
    row = Result(table=table, statistic="mean", arm="high", estimate=3.0, n=4)
    hidden = hide((row,), [(0, "n")], SMALLEST)[0]
    assert hidden.n is None
    assert (hidden.estimate is not None) is stays
