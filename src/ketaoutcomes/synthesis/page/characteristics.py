"""Effects of studies by what the studies are like: groups, and regressions with their figures."""

from collections.abc import Iterator

import numpy as np

from ketaoutcomes.report.blocks import Block, Cell, Figure, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.numbers import number, p_cell
from ketaoutcomes.results import Result
from ketaoutcomes.synthesis.page.figure_regression import Line, regression_svg
from ketaoutcomes.synthesis.page.material import SynthesisMaterial, text_of

NOT_RANDOMISED = (
    "Comparisons between studies are observational: differences may be confounded by "
    "other characteristics."
)
COMMON = (
    "Each group was pooled with a separate between-study variance; the test assumes a "
    "common variance, because few studies per group cannot estimate it."
)


def characteristics_blocks(material: SynthesisMaterial, name: str) -> Iterator[Block]:
    """The groups and the regressions that the plan asks for."""
    if material.results.select(analysis=name, table="synt04"):
        yield _groups(material, name)
    if material.results.select(analysis=name, table="synt08"):
        yield _regressions(material, name)
        for label in material.outcome(name).regress_on:
            yield from _figure(material, name, label)


def _groups(material: SynthesisMaterial, name: str) -> Table:
    """The effect in each group, and whether groups differ."""
    of_groups = material.results.select(analysis=name, table="synt04", statistic="pooled effect")
    tests = _by_group(material, name, "synt04", "test between groups")
    studies = _by_group(material, name, "synt04", "studies")
    rows: list[tuple[Cell, ...]] = []
    for label in material.outcome(name).groups:
        test = tests.get(label)
        p = "" if test is None else p_cell(test)
        rows.append(table_row(label, ["", "", told_by(p, test)]))
        rows += [
            table_row(
                row.group.removeprefix(f"{label}: "),
                [
                    told_by(number(studies[row.group].estimate, 0), studies[row.group]),
                    told_by(text_of(row), row),
                    "",
                ],
                indent=1,
            )
            for row in of_groups
            if row.group.startswith(f"{label}: ")
        ]
    return Table(
        id=f"synt04-{name}",
        caption="Groups of studies",
        columns=("", "Studies", f"Pooled effect ({material.interval_name})", "p between groups"),
        rows=tuple(rows),
        footnotes=(NOT_RANDOMISED, COMMON, *_warnings(tests)),
    )


def _regressions(material: SynthesisMaterial, name: str) -> Table:
    """The slope on each characteristic."""
    slopes = _by_group(material, name, "synt08", "slope")
    studies = _by_group(material, name, "synt08", "studies")
    left = _by_group(material, name, "synt08", "variance left between studies")
    explained = _by_group(material, name, "synt08", "variance explained")
    digits = 4
    return Table(
        id=f"synt08-{name}",
        caption="Meta-regression on study characteristics, one at a time",
        columns=(
            "",
            "Studies",
            f"Slope per unit ({material.interval_name})",
            "p",
            "τ² left",
            "Explained, %",
        ),
        rows=tuple(
            table_row(
                label,
                [
                    _cell(studies.get(label), 0),
                    told_by(_slope(slope, digits), slope),
                    told_by(p_cell(slope), slope),
                    _cell(left.get(label), 3),
                    _cell(explained.get(label), 0),
                ],
            )
            for label, slope in slopes.items()
        ),
        footnotes=(
            NOT_RANDOMISED
            + " Associations with study means do not apply to individual participants "
            "(ecological bias).",
            *(
                ("Slopes are differences of the logarithm of the ratio.",)
                if material.outcome(name).is_ratio
                else ()
            ),
            *_warnings(slopes),
        ),
    )


def _cell(row: Result | None, digits: int) -> Cell:
    return told_by("–" if row is None else number(row.estimate, digits), row)


def _slope(row: Result, digits: int) -> str:
    if row.estimate is None:
        return "not estimated"
    low, high = number(row.conf_low, digits), number(row.conf_high, digits)
    return f"{number(row.estimate, digits)} ({low} to {high})"


def _by_group(
    material: SynthesisMaterial, name: str, table: str, statistic: str
) -> dict[str, Result]:
    rows = material.results.select(analysis=name, table=table, statistic=statistic)
    return {row.group: row for row in rows}


def _warnings(rows: dict[str, Result]) -> tuple[str, ...]:
    return tuple(f"{label}: {row.message}." for label, row in rows.items() if row.message)


def _figure(material: SynthesisMaterial, name: str, label: str) -> Iterator[Figure]:
    """Effects by a characteristic, with the line."""
    slope = _by_group(material, name, "synt08", "slope")[label]
    if slope.estimate is None:
        return
    outcome = material.outcome(name)
    effects = material.results.select(analysis=name, table="synt01", statistic="effect")
    told = {row.group: row for row in effects if row.estimate is not None}
    points = [
        (value, told[study.study])
        for study in material.studies_of(name).studies
        if study.study in told and (value := study.number(label)) is not None
    ]
    scale = np.log if outcome.is_ratio else np.asarray
    x = np.array([value for value, _ in points])
    y = scale(np.array([row.estimate for _, row in points], dtype=float))
    left = _by_group(material, name, "synt08", "variance left between studies")[label]
    v = np.array([row.std_error for _, row in points], dtype=float) ** 2
    w = 1 / (v + (left.estimate or 0.0))
    line = Line(float(w @ y / w.sum()), float(w @ x / w.sum()), slope.estimate)
    figure_id = f"syng03-{name}-{label}"
    yield Figure(
        id=figure_id,
        caption=f"{outcome.label}: {material.measure_within(name)} of each study by "
        f"{label[:1].lower() + label[1:]}, with the regression line. The area of a circle "
        "is proportional to the weight.",
        svg=regression_svg(
            figure_id,
            x,
            y,
            w / w.sum(),
            line,
            (label, material.measure(name)),
            ratio=outcome.is_ratio,
        ),
        alternative="; ".join(
            f"{row.group}: {label} {value:g}, effect {number(row.estimate, 2)}"
            for value, row in points
        ),
    )
