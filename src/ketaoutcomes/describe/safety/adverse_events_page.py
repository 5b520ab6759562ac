"""Adverse events: overview, dot plot, table by class and term, and rates."""

from collections.abc import Iterable, Iterator
from typing import Final

from ketaoutcomes.describe.safety.adverse_events import DEATHS, FATAL_EVENTS
from ketaoutcomes.describe.safety.dots_figure import DotRow, dot_plot_svg
from ketaoutcomes.plan.safety import AdverseEventTest
from ketaoutcomes.report.blocks import Cell, Figure, Prose, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    comparison_label,
    sentence_case,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    SUPPRESSED,
    count_of,
    estimate_with_limits,
    is_hidden,
    or_nan,
    p_cell,
    percentage,
    share_of,
)
from ketaoutcomes.results import Result

A_QUARTER: Final = 91
"""Days of a phase under which a rate per year is easily misread."""

BETWEEN = ": "
"""Between a system organ class and a preferred term in a result's group."""

MOST_DOTS = 30

OVERVIEW = {
    "related": "Treatment-related",
    "left the study for an adverse event": "Adverse event leading to study discontinuation",
}
"""Rows of the overview whose names in the results table are not those of a clinical report."""

DEATHS_COUNTED = (
    "Deaths: participants with a fatal adverse event, an event or a reason for the end of "
    "follow-up that means death, or a statement of death in their own data."
)
DEATHS_SIMULATED = (
    "Deaths: an event or a reason for the end of follow-up. This scenario simulates no "
    "deaths: a zero is not evidence about the treatment."
)
DEATHS_UNTOLD = "Deaths are not recorded in the data."
FATAL_UNTOLD = "Fatal adverse events are not identified in the data."
"""Footnotes of the overview."""


def overview_table(material: Material, phase: str) -> Iterator[Table]:
    """Subjects with any, related, severe and serious events."""
    rows = material.results.select(table="aet01", phase=phase)
    if rows:
        groups = tuple(dict.fromkeys(row.group for row in rows))
        yield Table(
            id=f"aet01-{phase}",
            caption=f"Adverse events: overview. {material.plan.phases[phase].label}",
            columns=_columns(material, phase),
            rows=tuple(
                _line(material, phase, rows, group, OVERVIEW.get(group, titled(group)), 0)
                for group in groups
            ),
            footnotes=(_footnote(material, phase), *_about_deaths(material, groups)),
        )


def _about_deaths(material: Material, groups: Iterable[str]) -> Iterator[str]:
    """Where the deaths were counted from, or that nothing tells them."""
    if DEATHS in groups:
        yield DEATHS_COUNTED if material.plan.data.synthetic is None else DEATHS_SIMULATED
    else:
        yield DEATHS_UNTOLD
    if material.plan.data.synthetic is None and FATAL_EVENTS not in groups:
        yield FATAL_UNTOLD


def by_term_table(material: Material, phase: str) -> Iterator[Table | Prose]:
    """Classes and the terms within them that are common enough and may be shown."""
    rows = material.results.select(table="aet02", phase=phase)
    shown = shown_terms(material, phase)
    if not shown_classes(material, phase):
        if any(map(is_hidden, rows)):
            yield Prose((_no_term_shown(material, phase),))
        return
    lines: list[tuple[Cell, ...]] = []
    for soc in shown_classes(material, phase):
        terms = [group for group in shown if group.startswith(f"{soc}{BETWEEN}")]
        lines.append(_line(material, phase, rows, soc, sentence_case(soc), 0))
        lines += [
            _line(material, phase, rows, term, sentence_case(term_of(term)), 1) for term in terms
        ]
        lines += _rarer(rows, soc, len(terms), len(_columns(material, phase)) - 1)
    yield Table(
        id=f"aet02-{phase}",
        caption="Adverse events by system organ class and preferred term. "
        f"{material.plan.phases[phase].label}",
        columns=_columns(material, phase),
        rows=tuple(lines),
        footnotes=(
            f"{_shown_words(material)} Each participant is counted once per row.",
            _footnote(material, phase),
        ),
    )


def _rarer(
    rows: tuple[Result, ...], soc: str, shown: int, blanks: int
) -> Iterator[tuple[Cell, ...]]:
    """How many terms of a class are below the threshold, and only counted."""
    terms = dict.fromkeys(row.group for row in rows if row.group.startswith(f"{soc}{BETWEEN}"))
    rarer = len(terms) - shown
    if rarer:
        words = "Other terms" if shown else "Terms"
        yield table_row(f"{words} below the threshold: {rarer}", [""] * blanks, 1)


def dot_plot(material: Material, phase: str) -> Iterator[Figure]:
    """Share by arm and risk difference of each shown term, the greatest difference on top."""
    arms = arms_of(material.plan, phase)
    shown = shown_terms(material, phase)
    if len(arms) < 2 or not shown:
        return
    rows = material.results.select(table="aet02", phase=phase)
    found = {(row.group, row.statistic, row.arm): row for row in rows}
    active = _arm_of_interest(material, phase, arms)
    place = arms.index(active)
    dots = [
        DotRow(
            sentence_case(term_of(term)),
            tuple(or_nan(found[term, "proportion", arm].estimate) for arm in arms),
            found[term, "risk difference", active],
        )
        for term in shown
        if all((term, "proportion", arm) in found for arm in arms)
    ]
    dots.sort(key=lambda dot: (-(dot.difference.estimate or 0.0), dot.label))
    labels = tuple(arm_label(material.plan, phase, arm) for arm in arms)
    figure_id = f"aeg01-{phase}"
    against = comparison_label(material.plan, phase, (arms[place], arms[0]))
    kept = tuple(dots[:MOST_DOTS])
    if not kept:  # an arm without participants has no shares to draw
        return
    yield Figure(
        id=figure_id,
        caption=f"Adverse events. {material.plan.phases[phase].label}. Left: % of participants "
        f"with each term. Right: risk difference, {against}, "
        f"with {material.interval_name}, sorted by risk difference. "
        f"{_shown_words(material)}",
        svg=dot_plot_svg(figure_id, kept, labels),
        alternative="; ".join(
            f"{dot.label} {', '.join(percentage(share) for share in dot.shares)}" for dot in kept
        ),
    )


def _arm_of_interest(material: Material, phase: str, arms: tuple[str, ...]) -> str:
    """The active arm of the first primary analysis of the phase, or else the last arm."""
    plan = material.plan
    primary = (
        plan.estimands[analysis.estimand].treatment.active
        for name, analysis in plan.analyses.items()
        if analysis.role == "primary" and plan.analysis_phase(name) == phase
    )
    return next((arm for arm in primary if arm in arms[1:]), arms[-1])


def rate_table(material: Material, phase: str) -> Iterator[Table]:
    """Subjects with a first event per 100 subject-years."""
    rows = material.results.select(table="aet03", phase=phase)
    found = {(row.group, row.statistic, row.arm): row for row in rows}
    shown = [
        group
        for group in ("any adverse event", *shown_terms(material, phase))
        if any(row.group == group and row.estimate is not None for row in rows)
    ]
    if not shown:
        return
    arms = arms_of(material.plan, phase)
    lines = []
    for group in shown:
        texts: list[Cell] = []
        for arm in arms:
            row = found.get((group, "rate", arm))
            texts += [
                told_by(count_of(row, "n_events"), row),
                told_by(estimate_with_limits(row), row),
            ]
        differences = [found.get((group, "rate difference", arm)) for arm in arms[1:]]
        texts += [told_by(estimate_with_limits(row), row) for row in differences]
        lines.append(table_row(sentence_case(term_of(group)), texts))
    labels = [arm_label(material.plan, phase, arm) for arm in arms]
    several = len(arms) > 1
    compared = ". CIs of differences: Miettinen-Nurminen score interval" if several else ""
    yield Table(
        id=f"aet03-{phase}",
        caption="Exposure-adjusted incidence per 100 participant-years. "
        f"{material.plan.phases[phase].label}",
        columns=(
            "",
            *(words for _ in arms for words in ("n", f"Rate ({material.interval_name})")),
            *[""] * (len(arms) - 1),
        ),
        rows=tuple(lines),
        spanners=(
            ("", 1),
            *((label, 2) for label in labels),
            *(
                (
                    f"Difference ({material.interval_name}), {label}"
                    if len(arms) > 2
                    else f"Difference ({material.interval_name})",
                    1,
                )
                for label in labels[1:]
            ),
        ),
        footnotes=(
            "n: participants with a first event. Rate: n divided by the time to the "
            "first event or to the end of follow-up. CIs of rates: exact "
            f"Poisson{compared}.",
            *_short_phase(material, phase),
        ),
    )


def _short_phase(material: Material, phase: str) -> Iterator[str]:
    """That a rate per year over some days is no forecast of a year."""
    days = max(material.plan.phases[phase].nominal_days.values(), default=A_QUARTER)
    if days < A_QUARTER:
        yield (
            f"The last visit of the phase is {days:g} days after the first dose. A rate per year "
            "here is a count per time at risk and is not a forecast for a whole year."
        )


def shown_terms(material: Material, phase: str) -> tuple[str, ...]:
    """The terms seen in enough subjects of an arm, as the plan says."""
    return tuple(group for group in _common(material, phase) if BETWEEN in group)


def shown_classes(material: Material, phase: str) -> tuple[str, ...]:
    """The classes seen in enough subjects of an arm, and those of the terms that are shown."""
    common = _common(material, phase)
    wanted = {group.partition(BETWEEN)[0] for group in common}
    rows = material.results.select(table="aet02", phase=phase, statistic="proportion")
    return tuple(dict.fromkeys(row.group for row in rows if row.group in wanted))


def _common(material: Material, phase: str) -> tuple[str, ...]:
    """Classes and terms that reach the threshold in an arm, in the order of the results."""
    assert material.plan.safety is not None
    least = material.plan.safety.show_at_least_percent / 100
    rows = material.results.select(table="aet02", phase=phase, statistic="proportion")
    common = {row.group for row in rows if row.estimate is not None and row.estimate >= least}
    return tuple(dict.fromkeys(row.group for row in rows if row.group in common))


def term_of(group: str) -> str:
    """The preferred term of a group."""
    return group.split(BETWEEN, 1)[-1]


def _columns(material: Material, phase: str) -> tuple[str, ...]:
    arms = arms_of(material.plan, phase)
    labels = [arm_label(material.plan, phase, arm) for arm in arms]
    interval = "" if _test(material) == "fisher" else f" ({material.interval_name})"
    compared = [
        words
        for label in labels[1:]
        for words in (
            f"Risk difference, percentage points{interval}{f', {label}' if len(arms) > 2 else ''}",
            *(("p",) if _test(material) != "none" else ()),
        )
    ]
    return ("", *labels, *compared)


def _line(
    material: Material, phase: str, rows: tuple[Result, ...], group: str, label: str, indent: int
) -> tuple[Cell, ...]:
    """Subjects, per cent and events of each arm, then the differences from the reference."""
    found = {(row.statistic, row.arm): row for row in rows if row.group == group}
    arms = arms_of(material.plan, phase)
    cells = [_count(found.get(("subjects", arm)), found.get(("proportion", arm))) for arm in arms]
    for arm in arms[1:]:
        difference = found.get(("risk difference", arm))
        cells.append(told_by(estimate_with_limits(difference), difference))
        if _test(material) != "none":
            cells.append(told_by(p_cell(difference), difference))
    return table_row(label, cells, indent)


def _count(subjects: Result | None, share: Result | None) -> Cell:
    if subjects is None or share is None:
        return Cell(ABSENT)
    events = count_of(subjects, "n_events")
    text = f"{count_of(subjects, 'estimate')} ({share_of(share)}) [{events}]"
    if is_hidden(subjects):
        text = SUPPRESSED
    return told_by(text, subjects, share)


def _footnote(material: Material, phase: str) -> str:
    words = "n (%) of participants [number of events]."
    if material.plan.phases[phase].only_arm:
        return words
    if _test(material) == "fisher":
        return f"{words} P value: Fisher's exact test."
    same = ". P value: the same score test" if _test(material) == "score" else ""
    return f"{words} CI of the risk difference: Miettinen-Nurminen score interval{same}."


def _test(material: Material) -> AdverseEventTest:
    assert material.plan.safety is not None
    return material.plan.safety.p_values


def _no_term_shown(material: Material, phase: str) -> str:
    """Why there is no table of terms."""
    return (
        f"{material.plan.phases[phase].label}: adverse events by class and term are "
        "suppressed, because each would reveal a count below "
        f"{material.plan.smallest_cell}."
    )


def _shown_words(material: Material) -> str:
    assert material.plan.safety is not None
    least = material.plan.safety.show_at_least_percent
    hidden = (
        f" Terms that would reveal a count below {material.plan.smallest_cell} are suppressed."
        if material.plan.smallest_cell > 1
        else ""
    )
    return (
        f"Classes and terms reported by ≥{least:g}% of participants in any arm; all terms "
        f"are in results.csv.{hidden}"
        if least
        else f"All terms.{hidden}"
    )
