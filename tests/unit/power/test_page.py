"""What the page of a simulation says of its numbers."""

from pathlib import Path

import pytest

from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.page.analysis import analysis_section
from ketaoutcomes.report.blocks import Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable

PLAN = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"
PROVENANCE = Provenance("trd.yaml", "", "0" * 64, "none", (), None, (), "power", True, None)


def footnotes(biases: dict[str, tuple[float, float]]) -> str:
    """Under the estimates of a simulation in which each design has such a bias and error."""
    rows = tuple(
        Result(
            table="powt01", analysis="relapse", group=design, n=360,
            statistic=statistic, estimate=value, std_error=error,
        )
        for design, (bias, error) in biases.items()
        for statistic, value, error in (
            ("bias", bias, error),
            ("power", 0.5, 0.01),
            ("standard deviation of estimates", 10.0, 0.1),
        )
    )  # fmt: skip
    plan, _ = read_plan(PLAN)
    section = analysis_section(Material(plan, ResultTable(rows), (), PROVENANCE, None), "relapse")
    tables = [block for block in section.blocks if isinstance(block, Table)]
    return " ".join(tables[-1].footnotes)


@pytest.mark.parametrize(("bias", "said"), [(0.9, True), (-0.9, True), (0.5, False)])
def test_a_bias_beyond_two_monte_carlo_errors_is_said(bias: float, said: bool) -> None:
    words = footnotes({"120, effect": (0.1, 0.3), "360, effect": (bias, 0.3)})
    assert ("Bias beyond two Monte Carlo errors: 360, effect." in words) == said
