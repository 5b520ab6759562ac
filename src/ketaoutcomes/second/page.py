"""What a reader sees of the second programs: one line, an appendix, and a mark beside a number."""

from collections.abc import Iterable

from ketaoutcomes.report.blocks import Block, Callout, Cell, Definitions, Prose, Section, Table
from ketaoutcomes.report.labels import analysis_title, plain, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import Check, disagreements

DIGITS = 8
QUANTITY = {
    "estimate": "Estimate",
    "std_error": "Standard error",
    "test_statistic": "Test statistic",
    "conf_low": "Lower limit",
    "conf_high": "Upper limit",
    "p_value": "p",
    "n": "Participants",
}


def agreement(material: Material) -> str:
    """How many results a second program gave alike; "" where none was checked."""
    ids = dict.fromkeys(check.result for check in material.checks)
    if not ids:
        return ""
    lost = {check.result for check in disagreements(material.checks)}
    what = "headline numbers" if material.plan.check == "headline" else "numbers"
    return f"{len(ids) - len(lost)} of {len(ids)} {what} agree with a second program."


def disagreement_boxes(material: Material) -> tuple[Callout, ...]:
    """Which numbers a second program gave otherwise."""
    of_id = _rows(material)
    lost = tuple(
        f"{_what(material, of_id[check.result])}: the {QUANTITY[check.quantity].lower()} differs "
        f"from that of {check.program}. The number must not be used before the reason is known."
        for check in disagreements(material.checks)
        if check.result in of_id
    )
    title = "Numbers that a second program does not confirm"
    return (Callout(title, lost, "warning"),) if lost else ()


def second_programs_section(material: Material) -> Section | None:
    """The appendix: each number by both programs, how far they differ and may differ."""
    if not material.checks:
        return None
    blocks: list[Block] = [
        Prose(
            (
                agreement(material),
                "Each number was computed again from the derived data by a program that shares no "
                "code with the first. Differences are relative to the size of the number; those of "
                "estimates and limits to the standard error where that is larger.",
            )
        )
    ]
    blocks += disagreement_boxes(material)
    blocks.append(_table(material))
    return Section("second-programs", "Numbers by a second program", tuple(blocks))


def _table(material: Material) -> Table:
    reasons = dict.fromkeys(check.reason for check in material.checks)
    letters = {reason: chr(ord("a") + place) for place, reason in enumerate(reasons)}
    of_id = _rows(material)
    rows = tuple(
        _cells(material, check, letters[check.reason], of_id[check.result])
        for check in material.checks
        if check.result in of_id
    )
    return Table(
        id="table-second-programs",
        caption="Numbers by two programs",
        columns=(
            "Number",
            "Quantity",
            "This program",
            "Second program",
            "Value",
            "Difference",
            "Tolerance",
            "Agrees",
        ),
        rows=rows,
        footnotes=tuple(
            f"{letter}: {reason[:1].upper()}{reason[1:]}." for reason, letter in letters.items()
        ),
    )


def _cells(material: Material, check: Check, letter: str, row: Result) -> tuple[Cell, ...]:
    """A row of the appendix."""
    return (
        Cell(_what(material, row), header=True),
        Cell(QUANTITY[check.quantity]),
        Cell(_number(check.first), results=(row.id,)),
        Cell(check.program),
        Cell(_number(check.second)),
        Cell(f"{check.difference:.1e}"),
        Cell(f"{check.tolerance:.0e} ({letter})"),
        Cell("yes" if check.agrees else "no"),
    )


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}".replace("-", "\N{MINUS SIGN}")


def _rows(material: Material) -> dict[str, Result]:
    return {row.id: row for row in material.results.rows}


def _what(material: Material, row: Result) -> str:
    """A number in words: its analysis, statistic, visit, arm and group."""
    known = row.analysis in material.plan.analyses
    title = analysis_title(material.plan, row.analysis) if known else titled(plain(row.table))
    parts = (row.visit, row.arm, row.group)
    return ", ".join([title, row.statistic, *(plain(part) for part in parts if part)])


def both_routes(material: Material, identifier: str) -> Iterable[Definitions]:
    """For a number: the second program, its value and how far the two differ."""
    found = [check for check in material.checks if check.result == identifier]
    items = tuple(
        (
            QUANTITY[check.quantity],
            f"{check.first:.15g}; by {check.program}: {check.second:.15g}. They differ by "
            f"{check.difference:.1e}; up to {check.tolerance:.0e} is tolerated: {check.reason}"
            + ("" if check.agrees else ". THE PROGRAMS DO NOT AGREE"),
        )
        for check in found
    )
    return (Definitions(items, "By a second program"),) if items else ()
