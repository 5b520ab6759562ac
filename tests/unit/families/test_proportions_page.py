"""A primary proportion is drawn: the share of each arm with its interval."""

from dataclasses import replace
from pathlib import Path

import pytest

from ketaoutcomes.families.proportions.page import responders_section
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Block, Figure, Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable

PLAN, _ = read_plan(Path(__file__).resolve().parents[3] / "analyses" / "koch1977.yaml")
PROVENANCE = Provenance("p.yaml", "", "0" * 64, "none", (), None, (), "run", True, None)
ARMS = {"standard": (100, 180, 0.483, 0.626), "new": (143, 160, 0.836, 0.933)}
"""Normal at week 4 in the published counts of Koch et al. 1977, of all; Wilson's limits."""
ROWS = tuple(
    Result(
        analysis="primary",
        table="rspt01",
        statistic=statistic,
        arm=arm,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        n=n,
    )
    for arm, (normal, n, wilson_low, wilson_high) in ARMS.items()
    for statistic, estimate, low, high in (
        ("responders", float(normal), None, None),
        ("proportion", normal / n, wilson_low, wilson_high),
    )
)


def blocks(rows: tuple[Result, ...], role: str = "primary") -> tuple[Block, ...]:
    analysis = PLAN.analyses["primary"].model_copy(update={"role": role})
    plan = PLAN.model_copy(update={"analyses": {"primary": analysis}})
    section = responders_section(Material(plan, ResultTable(rows), (), PROVENANCE))
    assert section is not None
    return section.blocks


def test_a_primary_proportion_is_drawn_above_its_table() -> None:
    """The page of this plan had no figure but the flow of participants."""
    figure, table = blocks(ROWS)
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    assert figure.id == "rspg01-primary"
    assert figure.alternative == (
        "Standard drug: 55.6 (48.3 to 62.6) (100/180); New drug: 89.4 (83.6 to 93.3) (143/160)"
    )
    assert "143/160" in str(figure.svg)


def test_no_other_proportion_is_drawn() -> None:
    assert [type(block) for block in blocks(ROWS, "secondary")] == [Table]


@pytest.mark.parametrize(("hidden", "drawn"), [({"new"}, ["Standard drug"]), (set(ARMS), [])])
def test_a_share_that_is_not_shown_is_not_drawn(hidden: set[str], drawn: list[str]) -> None:
    rows = tuple(
        replace(row, estimate=None, conf_low=None, conf_high=None, suppressed="estimate")
        if row.arm in hidden
        else row
        for row in ROWS
    )
    figures = [block for block in blocks(rows) if isinstance(block, Figure)]
    labels = [part.split(":")[0] for f in figures for part in f.alternative.split("; ")]
    assert labels == drawn
