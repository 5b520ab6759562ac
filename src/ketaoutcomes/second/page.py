"""What a reader sees of the second programs: one line, an appendix, and a mark beside a number."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby
from typing import Final

from ketaoutcomes.report.blocks import Block, Callout, Cell, Definitions, Prose, Section, Table
from ketaoutcomes.report.labels import (
    analysis_title,
    comparison_label,
    endpoint_title,
    event_word,
    lowered,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import FAULTS_CAUGHT, FAULTS_TRIED, Check, disagreements

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


@dataclass(frozen=True)
class Told:
    """What the page says of second programs is made from this.

    Attributes
    ----------
    heading_of : callable
        The analysis or outcome that a number belongs to.
    name_of : callable
        Which of its numbers it is.
    """

    checks: tuple[Check, ...]
    rows: tuple[Result, ...]
    headline: bool
    heading_of: Callable[[Result], str]
    name_of: Callable[[Result], str]

    @cached_property
    def of_id(self) -> dict[str, Result]:
        """The results by their ids."""
        return {row.id: row for row in self.rows}

    def in_full(self, row: Result) -> str:
        """A number by what it belongs to and what it is."""
        return f"{self.heading_of(row)}, {lowered(self.name_of(row))}"


def told_of(material: Material) -> Told:
    """Of a study."""
    return Told(
        material.checks,
        material.results.rows,
        headline=material.plan.check == "headline",
        heading_of=partial(_heading, material),
        name_of=partial(_what, material),
    )


BOTH: Final = 2


def agreement(told: Told) -> str:
    """How many results a second program gave alike; "" where none was checked."""
    ids = dict.fromkeys(check.result for check in told.checks)
    if not ids:
        return ""
    lost = {check.result for check in disagreements(told.checks)}
    what = f"{'headline ' if told.headline else ''}number{'' if len(ids) == 1 else 's'}"
    if len(ids) == 1:
        return f"The {what} {'does not agree' if lost else 'agrees'} with a second program."
    whole = "Both" if len(ids) == BOTH else f"All {len(ids)}"
    if lost:
        return f"Of {len(ids)} {what}, {len(ids) - len(lost)} agree with a second program."
    return f"{whole} {what} agree with a second program."


def disagreement_boxes(told: Told) -> tuple[Callout, ...]:
    """Which numbers a second program gave otherwise."""
    lost = tuple(
        f"{told.in_full(told.of_id[check.result])}: the {QUANTITY[check.quantity].lower()} differs "
        f"from that of {check.program}. The number must not be used before the reason is known."
        for check in disagreements(told.checks)
        if check.result in told.of_id
    )
    title = "Numbers that a second program does not confirm"
    return (Callout(title, lost, "warning"),) if lost else ()


def second_programs_section(material: Material) -> Section | None:
    """The appendix of a study."""
    return checks_section(told_of(material))


def checks_section(told: Told) -> Section | None:
    """The appendix: each number by both programs, how far they differ and may differ."""
    if not told.checks:
        return None
    blocks: list[Block] = [
        Prose(
            (
                agreement(told),
                "Each number was computed again from the derived data by a program that shares no "
                "code with the first. Differences are relative to the size of the number; those of "
                "estimates and limits to the standard error where that is larger.",
                f"The checks can fail: of {FAULTS_TRIED} errors deliberately put into the first "
                "program in its "
                f"tests, they found {FAULTS_CAUGHT}.",
            )
        )
    ]
    blocks += disagreement_boxes(told)
    blocks.append(_table(told))
    return Section("second-programs", "Numbers by a second program", tuple(blocks))


def _table(told: Told) -> Table:
    reasons = dict.fromkeys(check.reason for check in told.checks)
    letters = {reason: chr(ord("a") + place) for place, reason in enumerate(reasons)}
    known = (check for check in told.checks if check.result in told.of_id)
    rows: list[tuple[Cell, ...]] = []
    for heading, checks in groupby(known, lambda c: told.heading_of(told.of_id[c.result])):
        rows.append((Cell(heading, header=True),))
        rows += [_cells(told, check, letters[check.reason]) for check in checks]
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
        rows=tuple(rows),
        footnotes=tuple(
            f"{letter}: {reason[:1].upper()}{reason[1:]}." for reason, letter in letters.items()
        ),
    )


def _cells(told: Told, check: Check, letter: str) -> tuple[Cell, ...]:
    """A row of the appendix."""
    row = told.of_id[check.result]
    return (
        Cell(told.name_of(row), header=True, indent=1),
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


def _heading(material: Material, row: Result) -> str:
    """The analysis of a number, or what its table describes."""
    known = row.analysis in material.plan.analyses
    return analysis_title(material.plan, row.analysis) if known else titled(plain(row.table))


def _what(material: Material, row: Result) -> str:
    """A number of an analysis in words: its statistic, visit, arms and group."""
    told = [arm for arm in (row.arm, row.reference) if arm]
    arms = comparison_label(material.plan, row.phase, told) if told else ""
    parts = (plain(row.visit), arms, _group(material, row))
    return titled(", ".join([measure_words(row.statistic), *filter(None, parts)]))


def _group(material: Material, row: Result) -> str:
    """What a number is of, in the words of the plan: a family of hypotheses, a kind of event."""
    plan = material.plan
    family, _, hypothesis = row.group.partition(" ")
    if hypothesis and family in plan.multiplicity:
        outcome = material.estimand(plan.multiplicity[family].hypotheses[hypothesis].analysis)
        label = plan.multiplicity[family].label or plain(family)
        return f"{lowered(endpoint_title(plan, outcome.endpoint))} (“{label}”)"
    if row.group == "the event" and row.analysis in plan.analyses:
        return event_word(plan, material.estimand(row.analysis).endpoint)
    return plain(row.group)


def both_routes(checks: Iterable[Check], identifier: str) -> Iterable[Definitions]:
    """For a number: the second program, its value and how far the two differ."""
    found = [check for check in checks if check.result == identifier]
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
