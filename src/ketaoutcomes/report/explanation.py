"""Where a number comes from, in words."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.registry import model_of, tables
from ketaoutcomes.report.appendix import python_call
from ketaoutcomes.report.blocks import Code, Definitions
from ketaoutcomes.report.formulas import formula_of
from ketaoutcomes.report.labels import (
    analysis_title,
    arm_label,
    comparison_label,
    estimand_label,
    lowered,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import estimand_attributes, method_in_words, references_of
from ketaoutcomes.report.numbers import count_of
from ketaoutcomes.results import TABLES, Result
from ketaoutcomes.second.page import both_routes

NUMBERS = (
    "estimate",
    "std_error",
    "df",
    "test_statistic",
    "conf_low",
    "conf_high",
    "conf_level",
    "p_value",
)


def explain(material: Material, row: Result) -> Iterator[Definitions | Code]:
    """The number, what it estimates, of whom, by which model and formula; the same in R and SAS.

    Parameters
    ----------
    row : Result
        One of the results of the material.
    """
    yield Definitions(tuple(_number(material, row)), row.id)
    if row.analysis in material.plan.analyses:
        target = material.estimand(row.analysis)
        name = material.plan.analyses[row.analysis].estimand
        yield Definitions(
            tuple(estimand_attributes(material, target)),
            f"Estimand: {lowered(estimand_label(material.plan, name))}",
        )
    yield Definitions(tuple(_subjects(material, row)), "Participants")
    yield Definitions(tuple(_method(material, row)), "How")
    yield from both_routes(material.checks, row.id)
    if row.analysis in material.plan.analyses:
        analysis = material.plan.analyses[row.analysis]
        for language, lines in model_of(analysis).calls(material, row.analysis, analysis).items():
            yield Code(language, lines, f"Equivalent code in {language}")
        python = python_call(material, row.analysis, analysis)
        if python:
            yield Code("Python", python, "The second program, in Python")


HEADINGS: Final = {
    "std_error": "Standard error",
    "df": "Degrees of freedom",
    "conf_low": "Lower confidence limit",
    "conf_high": "Upper confidence limit",
    "conf_level": "Confidence level",
    "p_value": "P value",
}
"""Column of the results -> what it is called."""


def what_it_is(row: Result) -> Iterator[tuple[str, str]]:
    """The table and the statistic of a number."""
    yield "Table", f"{row.table}, {({**TABLES, **tables()})[row.table]}"
    yield "Statistic", row.statistic + (f" ({row.unit})" if row.unit else "")


def to_full_precision(row: Result) -> Iterator[tuple[str, str]]:
    """The number as the results hold it, and whether it could be had."""
    for name in NUMBERS:
        if getattr(row, name) is not None:
            yield HEADINGS.get(name, titled(plain(name))), _as_known(row, name)
    yield "Status", row.status + (f": {row.message}" if row.message else "")


def _as_known(row: Result, name: str) -> str:
    """A number to full precision; of one that was rounded, in which range it lies."""
    value, ends = getattr(row, name), row.ends_of(name)
    if ends is None:
        return f"{value:.15g}"
    between = f"between {ends[0]:.6g} and {ends[1]:.6g}"
    return between if name == "p_value" else f"{value:.6g}, rounded: {between}"


def _number(material: Material, row: Result) -> Iterator[tuple[str, str]]:
    """The number as the results hold it, to full precision."""
    yield from what_it_is(row)
    for name in ("phase", "visit", "group"):
        if getattr(row, name):
            yield titled(name), getattr(row, name)
    arms = [arm for arm in (row.arm, row.reference) if arm]
    if arms and row.phase in material.plan.phases:
        yield "Arm", comparison_label(material.plan, row.phase, arms)
    yield from to_full_precision(row)
    yield from _why_less_is_told(row, material.plan.smallest_cell)


def _why_less_is_told(row: Result, smallest: int) -> Iterator[tuple[str, str]]:
    """Which numbers of a row are withheld and which are rounded, and why."""
    words = row.suppressed.split()
    withheld = [plain(word) for word in words if ":" not in word]
    rounded = [plain(word.partition(":")[0]) for word in words if ":" in word]
    why = f"so that no count from 1 to {smallest - 1} can be worked out"
    if withheld:
        yield "Not shown", f"{', '.join(withheld)}; {why}"
    if rounded:
        yield "Rounded", f"{', '.join(rounded)}; {why}"


def _subjects(material: Material, row: Result) -> Iterator[tuple[str, str]]:
    """Rows counted for the number, and the analysis set they come from."""
    if row.n is not None or "n" in row.suppressed.split():
        yield "Participants counted", count_of(row)
    if row.n_events is not None or "n_events" in row.suppressed.split():
        yield "Events counted", count_of(row, "n_events")
    flow = material.results.select(table="dst01", analysis=row.analysis) if row.analysis else ()
    for found in flow:
        if found.statistic == "analysed":
            yield f"Analysed, {arm_label(material.plan, found.phase, found.arm)}", count_of(found)
        elif found.n != 0:
            yield f"Excluded, {found.group}", count_of(found)


def _method(material: Material, row: Result) -> Iterator[tuple[str, str]]:
    """The model in words, the formula of the statistic, and where both were published."""
    if row.analysis in material.plan.analyses:
        yield "Model", analysis_title(material.plan, row.analysis)
        yield "In words", method_in_words(material, row.analysis)
    if row.method:
        yield "Method", row.method
    formula = formula_of(row)
    if formula is not None:
        yield "Formula", formula.words
        yield "Source", formula.source
    elif row.analysis in material.plan.analyses:
        yield "Source", " ".join(references_of(material, row.analysis))
