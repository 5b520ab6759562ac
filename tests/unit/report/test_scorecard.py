"""Which truth an estimate is held against."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ketaoutcomes.cohorts.pages.scorecard import distance_from_truth, truth_of, truth_with_error
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result, ResultTable

TRD = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"
EVENT = "treatment discontinuation"


def material(after: dict[str, str]) -> SimpleNamespace:
    """What `truth_of` looks at: a plan that imputes so, and truths 1, 2 and 3."""
    plan, _ = read_plan(TRD)
    imputing = next(name for name, a in plan.analyses.items() if getattr(a, "strategies", None))
    analysis = plan.analyses[imputing].model_copy(update={"strategies": after})
    plan = plan.model_copy(update={"analyses": {"x": analysis}})
    estimand = plan.estimands[analysis.estimand]
    row = {"estimand": analysis.estimand, "statistic": estimand.summary, "visit": estimand.visit}
    rows = [Result(table="trut01", estimate=1.0, **row)]
    for estimate, way in ((2.0, "hypothetical"), (3.0, "jump to reference")):
        rows.append(Result(table="trut02", estimate=estimate, method=way, group=way, **row))
    return SimpleNamespace(
        plan=plan, estimand=lambda _name: estimand, results=ResultTable(tuple(rows))
    )


@pytest.mark.parametrize(
    ("after", "truth"),
    [
        ({}, 1.0),
        ({EVENT: "missing at random"}, 2.0),
        ({EVENT: "jump to reference"}, 3.0),
    ],
)
def test_an_imputation_is_held_against_what_it_aims_at(after: dict[str, str], truth: float) -> None:
    row = truth_of(material(after), "x")  # type: ignore[arg-type]
    assert row is not None
    assert row.estimate == truth


@pytest.mark.parametrize(
    "after",
    [
        {EVENT: "copy reference"},
        {EVENT: "missing at random", "death": "jump to reference"},
    ],
)
def test_a_truth_that_is_not_known_is_not_shown(after: dict[str, str]) -> None:
    assert truth_of(material(after), "x") is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("estimate", "error", "words"),
    [(-4.412, 0.051, "−4.4 (0.05)"), (0.0604, 0.0007, "0.060 (0.0007)")],
)
def test_a_fine_scale_is_given_more_decimals(estimate: float, error: float, words: str) -> None:
    row = Result(table="trut01", statistic="x", unit="points", estimate=estimate, std_error=error)
    assert truth_with_error(row) == words


@pytest.mark.parametrize(
    ("statistic", "estimate", "error", "truth", "distance"),
    [
        # by hand: (-1.7 + 5.1) / 1.7 and log(0.5 / 1.0) / (log(2) / 2)
        ("difference in means", -1.7, 1.7, -5.1, 2.0),
        ("odds ratio", 0.5, 0.346574, 1.0, -2.0),
        ("difference in means", -1.7, None, -5.1, None),
        ("odds ratio", 0.0, 0.3, 1.0, None),
    ],
)
def test_an_estimate_is_so_many_standard_errors_from_its_true_value(
    statistic: str, estimate: float, error: float | None, truth: float, distance: float | None
) -> None:
    row = Result(table="t", statistic=statistic, estimate=estimate, std_error=error)
    found = distance_from_truth(row, Result(table="trut01", statistic=statistic, estimate=truth))
    assert found == (None if distance is None else pytest.approx(distance, abs=1e-5))
