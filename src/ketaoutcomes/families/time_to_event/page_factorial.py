"""Whether two factors of a two-by-two trial interact in the time to an event."""

from collections.abc import Iterator, Mapping

from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis, within_levels
from ketaoutcomes.report.blocks import Block, Cell, Figure, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.forest import ForestRow, forest_svg, in_words
from ketaoutcomes.report.forest_columns import EVENTS_OF, events_of
from ketaoutcomes.report.labels import analysis_title, event_word, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    estimate_with_limits,
    p_cell,
)
from ketaoutcomes.results import Result

HEADINGS = {
    "ratio of hazard ratios": "Ratio of hazard ratios",
    "hazard ratio within a level": "Hazard ratio within a level",
    "difference of differences in restricted means": ("Difference of RMST differences, days"),
}
SCALE = (
    "Interaction depends on the scale: if both factors have an effect, a ratio of hazard "
    "ratios of 1 implies a difference in days other than 0."
)
HEADS = (f"First named\n{EVENTS_OF}", f"Second named\n{EVENTS_OF}")
COUNTS = "Events/n: participants with the event, of those of the arm that is named first or second."
LATER = (
    "Only participants who entered this phase are compared. If entry depended on the "
    "response to treatment, these are not the randomised groups, and differences are "
    "associations."
)


def factorial_blocks(material: Material, name: str) -> Iterator[Block]:
    """The forest of hazard ratios with its table; nothing where no interaction is asked."""
    rows = material.results.select(table="ttet03", analysis=name)
    if not rows:
        return
    if failure := not_estimated(rows):
        yield failure
    target = material.estimand(name)
    event = event_word(material.plan, target.endpoint)
    notes = [SCALE]
    if next(iter(material.plan.phases)) != material.plan.endpoints[target.endpoint].phase:
        notes.append(LATER)
    ratios = tuple(row for row in rows if row.unit == "" and row.estimate is not None)
    if not ratios:
        yield _table(material, name, rows, notes)
        return
    counts = _counts(material, name)
    shown = tuple(_forest_row(row, counts) for row in ratios)
    figure_id = f"kmg04-{name}"
    yield Figure(
        id=figure_id,
        caption=f"{analysis_title(material.plan, name)}: hazard ratios for {event} of each factor "
        "within the levels of the other, and the ratio of these ratios (interaction).",
        svg=forest_svg(
            figure_id,
            shown,
            "Hazard ratio",
            ("lower hazard", "higher hazard"),
            ratio=True,
            heads=HEADS,
        ),
        alternative="; ".join(in_words(row) for row in shown),
        data=_table(material, name, rows, notes),
    )


def _counts(material: Material, name: str) -> dict[str, tuple[Cell, Cell]]:
    """The events of the two arms behind each hazard ratio within a level, by its words."""
    analysis = material.plan.analyses[name]
    assert isinstance(analysis, TimeToEventAnalysis)
    assert analysis.interaction is not None
    return {
        words: (_events(material, name, arm), _events(material, name, other))
        for words, arm, other in within_levels(analysis.interaction)
    }


def _events(material: Material, name: str, arm: str) -> Cell:
    row = material.of_arm(name, "events", arm)
    return Cell(ABSENT) if row is None else events_of(row)


def _forest_row(row: Result, counts: Mapping[str, tuple[Cell, Cell]]) -> ForestRow:
    interaction = row.statistic == "ratio of hazard ratios"
    label = f"Interaction, {row.group}" if interaction else titled(row.group)
    return ForestRow(
        label=label,
        text=estimate_with_limits(row),
        estimate=row.estimate,
        low=row.conf_low,
        high=row.conf_high,
        primary=interaction,
        beside=tuple(cell.text for cell in counts.get(row.group, (Cell(""), Cell("")))),
    )


def _table(material: Material, name: str, rows: tuple[Result, ...], notes: list[str]) -> Table:
    body: list[tuple[Cell, ...]] = []
    counts = _counts(material, name)
    for statistic, heading in HEADINGS.items():
        here = [row for row in rows if row.statistic == statistic]
        body.append((Cell(heading, header=True),))
        body += [
            table_row(
                titled(row.group),
                [
                    *counts.get(row.group, (Cell(""), Cell(""))),
                    told_by(estimate_with_limits(row), row),
                    told_by(p_cell(row), row),
                ],
                indent=1,
            )
            for row in here
        ]
    methods = dict.fromkeys(row.method for row in rows)
    return Table(
        id=f"ttet03-{name}",
        caption="Two factors and their interaction",
        columns=(
            "",
            *(", ".join(head.splitlines()) for head in HEADS),
            f"Estimate ({material.interval_name})",
            "p",
        ),
        rows=tuple(body),
        footnotes=(
            f"{'; '.join(methods)}. {material.interval_name}s, not adjusted for multiplicity.",
            COUNTS,
            *notes,
        ),
    )
