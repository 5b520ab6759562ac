"""Adverse events by greatest severity and by relation, as tables of the page."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.adverse_events import ANY
from ketaoutcomes.describe.safety.adverse_events_page import shown_classes
from ketaoutcomes.describe.safety.severity import RELATION, SEVERITY
from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, sentence_case, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_and_share

CAPTIONS = {
    SEVERITY: "Adverse events by maximum severity",
    RELATION: "Adverse events by relation to treatment",
}
COUNTED = {
    SEVERITY: "Each participant is counted once per group, at the maximum severity.",
    RELATION: "Each participant is counted once per group, as treatment-related if any event was.",
}


def severity_blocks(material: Material, phase: str) -> Iterator[Table]:
    """For any event and each class that is common enough to be shown."""
    for table, caption in CAPTIONS.items():
        rows = material.results.select(table=table, phase=phase)
        if not rows:
            continue
        arms = arms_of(material.plan, phase)
        found = {(row.group, row.arm): row for row in rows}
        levels = dict.fromkeys(row.group.rpartition(": ")[2] for row in rows)
        lines: list[tuple[Cell, ...]] = []
        for group in (ANY, *shown_classes(material, phase)):
            lines.append((Cell(sentence_case(titled(group)), header=True),))
            for level in levels:
                own = [found.get((f"{group}: {level}", arm)) for arm in arms]
                cells = [told_by(count_and_share(row, row.n if row else None), row) for row in own]
                lines.append(table_row(titled(level), cells, 1))
        yield Table(
            id=f"{table}-{phase}",
            caption=f"{caption}. {material.plan.phases[phase].label}",
            columns=("Participants (%)", *(arm_label(material.plan, phase, a) for a in arms)),
            rows=tuple(lines),
            footnotes=(COUNTED[table],),
        )
