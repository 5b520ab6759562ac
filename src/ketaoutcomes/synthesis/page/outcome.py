"""One outcome: forest, pooled effect, how studies differ, other ways, groups, small studies."""

from ketaoutcomes.report.blocks import Block, Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.labels import titled
from ketaoutcomes.report.numbers import count_of, number, p_cell, p_value
from ketaoutcomes.results import Result
from ketaoutcomes.synthesis.page.characteristics import characteristics_blocks
from ketaoutcomes.synthesis.page.forest import forest_figure
from ketaoutcomes.synthesis.page.material import SynthesisMaterial, bounds_of, text_of
from ketaoutcomes.synthesis.page.small_studies import small_studies


def outcome_section(material: SynthesisMaterial, name: str) -> Section:
    """All of an outcome."""
    blocks: list[Block] = []
    if failure := not_estimated(material.results.select(analysis=name)):
        blocks.append(failure)
    blocks.append(forest_figure(material, name))
    blocks.append(_pooled(material, name))
    blocks += characteristics_blocks(material, name)
    if material.results.select(analysis=name, table="synt03"):
        blocks.append(_otherwise(material, name))
    blocks += small_studies(material, name)
    return Section(f"outcome-{name}", material.outcome(name).label, tuple(blocks))


def _pooled(material: SynthesisMaterial, name: str) -> Table:
    pooled, expected = material.row(name, "pooled effect"), material.row(name, "prediction")
    spread, share = material.row(name, "variance between studies"), material.row(name, "I2")
    test = material.row(name, "heterogeneity test")
    rows: list[tuple[Cell, ...]] = [
        table_row(f"Pooled effect ({material.interval_name})", [told_by(text_of(pooled), pooled)]),
        table_row(
            "Test of the null hypothesis (no effect)",
            [told_by(p_value(pooled), pooled)],
        ),
        table_row("Participants", [told_by(count_of(pooled), pooled)]),
    ]
    if expected is not None:
        rows.append(
            table_row(
                "Prediction interval for a new study", [told_by(bounds_of(expected), expected)]
            )
        )
    if spread is not None and share is not None and test is not None:
        rows += [
            table_row(
                f"Variance between studies, τ² ({material.interval_name})",
                [told_by(_three(spread), spread)],
            ),
            table_row(f"I², % ({material.interval_name})", [told_by(_whole(share), share)]),
            table_row(
                "Cochran's Q",
                [
                    told_by(
                        f"{number(test.test_statistic, 1)} on {number(test.df, 0)} df, "
                        f"{p_value(test)}",
                        test,
                    )
                ],
            ),
        ]
    return Table(
        id=f"synt02-{name}",
        caption=f"{material.outcome(name).label}: pooled effect and heterogeneity",
        columns=("", material.measure(name)),
        rows=tuple(rows),
        footnotes=(
            "The pooled effect is the mean of the true effects of comparable studies. If "
            "true effects vary, the prediction interval gives the range expected in a "
            "new study.",
        ),
    )


def _three(row: Result) -> str:
    return f"{number(row.estimate, 3)} ({number(row.conf_low, 3)} to {number(row.conf_high, 3)})"


def _whole(row: Result) -> str:
    return f"{number(row.estimate, 0)} ({number(row.conf_low, 0)} to {number(row.conf_high, 0)})"


def _otherwise(material: SynthesisMaterial, name: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for statistic, heading in (
        ("pooled effect", "By another model"),
        ("of end values alone", "Without studies of changes from baseline"),
        ("without it", "Without one study"),
    ):
        here = material.results.select(analysis=name, table="synt03", statistic=statistic)
        if here:
            rows.append((Cell(heading, header=True),))
        rows += [
            table_row(
                _name_of(row),
                [told_by(text_of(row), row), told_by(p_cell(row), row)],
                indent=1,
            )
            for row in here
        ]
    return Table(
        id=f"synt03-{name}",
        caption="Sensitivity analyses of the pooled effect",
        columns=("", f"Pooled effect ({material.interval_name})", "p"),
        rows=tuple(rows),
    )


def _name_of(row: Result) -> str:
    """What is different in a row."""
    if row.statistic == "of end values alone":
        return f"Final values, {count_of(row)} participants"
    return titled(row.group) if row.statistic == "pooled effect" else row.group
