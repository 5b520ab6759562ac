"""Events of several kinds: cumulative incidence and its comparison."""

from collections.abc import Iterator

from ketaoutcomes.families.time_to_event.figures import incidence_svg, kind_of_event
from ketaoutcomes.families.time_to_event.record import SurvivalRecord
from ketaoutcomes.report.blocks import Block, Cell, Figure, Prose, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    analysis_label,
    event_word,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    estimate_with_limits,
    is_hidden,
    level,
    number,
    p_cell,
)
from ketaoutcomes.report.steps import DAYS_LEFT_OUT, JOINED, NOT_SHOWN
from ketaoutcomes.results import NOT_ESTIMATED, Result

TABLE = "cift01"
ABOUT_INCIDENCE = (
    "The Kaplan-Meier method treats competing events as censoring and overestimates the incidence."
)
ABOUT_RATIOS = (
    " The cause-specific hazard ratio compares rates among participants still without "
    "any event; the subdistribution hazard ratio (Fine-Gray) describes the effect on the "
    "cumulative incidence. Without tied times the latter equals that of R's `crr`. With "
    "ties its logarithm can differ by about 0.01, because `crr` weights ties "
    "differently. The standard error of `crr` also includes the estimation of the "
    "censoring distribution and differs by about 1%."
)
COMPARED = ("Gray's test", "cause-specific hazard ratio", "subdistribution hazard ratio")


def competing_blocks(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str]
) -> Iterator[Block]:
    """Figure and table; nothing where the plan names no competing event."""
    if not record.incidence:
        return
    if record.joined and not any(curve.times.size for curve in record.incidence):
        yield Prose((NOT_SHOWN,))
    else:
        yield _figure(material, name, record, labels)
    yield _comparison(material, name, record, labels)


def _figure(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str]
) -> Figure:
    figure_id = f"cifg01-{name}"
    event = event_word(material.plan, material.estimand(name).endpoint)
    ends = "; ".join(
        f"{kind_of_event(curve.cause, event)}, {labels[curve.arm]}: "
        f"{100 * float(curve.incidence[-1]):.0f}%"
        for curve in record.incidence
        if curve.incidence.size
    )
    return Figure(
        id=figure_id,
        caption=f"{analysis_label(material.plan, name)}: cumulative incidence of each type of "
        f"event (Aalen-Johansen), with {level(material.plan.report.confidence_level)} "
        f"pointwise CIs{f', {JOINED}' if record.joined else ''}. The curves of an arm and "
        "the proportion without any event add up to 100%.",
        svg=incidence_svg(figure_id, record, labels, event),
        alternative="Curves of cumulative incidence; at the end of follow-up: "
        f"{ends or 'not shown'}.",
        data=_incidences(material, name, record, labels),
    )


def _incidences(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str]
) -> Table:
    """Incidence of each kind at each tick at which that of some arm may be shown."""
    arms = tuple(dict.fromkeys(curve.arm for curve in record.incidence))
    event = event_word(material.plan, material.estimand(name).endpoint)
    here = material.results.select(
        table=TABLE, analysis=name, statistic="cumulative incidence", reference=""
    )
    found = {(row.group, row.visit, row.arm): row for row in here}
    rows: list[tuple[Cell, ...]] = []
    for cause in dict.fromkeys(row.group for row in here):
        rows.append((Cell(titled(kind_of_event(cause, event)), header=True),))
        for day in dict.fromkeys(row.visit for row in here):
            of_arms = [found.get((cause, day, arm)) for arm in arms]
            if all(map(is_hidden, of_arms)):
                continue
            cells = [told_by(estimate_with_limits(row), row) for row in of_arms]
            rows.append(table_row(titled(day), cells, indent=1))
    return Table(
        id=f"cift02-{name}",
        caption=f"Cumulative incidence, % ({material.interval_name})",
        columns=("", *(labels[arm] for arm in arms)),
        rows=tuple(rows),
        footnotes=(DAYS_LEFT_OUT,) if any(map(is_hidden, here)) else (),
    )


def _comparison(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str]
) -> Table:
    arms = tuple(dict.fromkeys(curve.arm for curve in record.incidence))
    event = event_word(material.plan, material.estimand(name).endpoint)
    compared = ("Comparison", "p") if material.estimand(name).treatment.compares else ()
    rows: list[tuple[Cell, ...]] = []
    for cause in dict.fromkeys(curve.cause for curve in record.incidence):
        here = material.results.select(table=TABLE, analysis=name, group=cause)
        events = {row.arm: row for row in here if row.statistic == "events of this kind"}
        counts = [_of(events.get(arm)) for arm in arms]
        rows.append(
            table_row(titled(kind_of_event(cause, event)), [*counts, *[""] * len(compared)])
        )
        rows += [
            table_row(
                titled(row.statistic),
                [*[""] * len(arms), told_by(_text(row), row), told_by(p_cell(row), row)],
                indent=1,
            )
            for row in here
            if row.statistic in COMPARED
        ]
    return Table(
        id=f"{TABLE}-{name}",
        caption=f"Competing risks: {analysis_label(material.plan, name)}",
        columns=("", *(labels[arm] for arm in arms), *compared),
        rows=tuple(rows),
        footnotes=(ABOUT_INCIDENCE + (ABOUT_RATIOS if compared else ""),),
    )


def _of(row: Result | None) -> Cell:
    text = "" if row is None else f"{count_of(row, 'n_events')}/{count_of(row)}"
    return told_by(text, row)


def _text(row: Result) -> str:
    if row.status in NOT_ESTIMATED:
        return f"not estimated: {row.message}"
    if row.estimate is None and row.test_statistic is not None:
        return f"χ² {number(row.test_statistic, 2)}, df {number(row.df, 0)}"
    return estimate_with_limits(row)
