"""Listings of single participants on the page, or that the plan permits none."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.describe.safety.listings import BETWEEN, DEATHS, SERIOUS
from ketaoutcomes.report.blocks import Cell, Prose, Table
from ketaoutcomes.report.cells import told_by
from ketaoutcomes.report.labels import arm_label, sentence_case
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT

CAPTIONS: Final = {
    SERIOUS: "Listing of serious and fatal adverse events",
    DEATHS: "Listing of deaths",
}
ASKED: Final = {SERIOUS: "serious", DEATHS: "deaths"}
HEADS: Final = {
    SERIOUS: ("Event", "Class", "Severity", "Relation", "Outcome"),
    DEATHS: ("Fatal events",),
}
PERMITTED = (
    "Each row is a single participant or event. The plan permits it. Participants are numbered in "
    "the order of this table, and no id, date or age is shown."
)
NOT_PERMITTED = (
    "Individual serious adverse events and deaths are not listed, because the plan does not "
    "permit rows of single participants. The key safety.listings would permit them."
)


def listing_blocks(material: Material, phase: str) -> Iterator[Table | Prose]:
    """The listings that the plan permits, also where they are empty."""
    safety = material.plan.safety
    asked = safety.listings if safety is not None else ()
    for table, caption in CAPTIONS.items():
        if ASKED[table] not in asked:
            continue
        rows = material.results.select(table=table, phase=phase)
        title = f"{caption}. {material.plan.phases[phase].label}"
        if not rows:
            yield Prose((f"{title}: none.",))
            continue
        lines = []
        for row in rows:
            number, *words = row.group.split(BETWEEN)
            day = ABSENT if row.estimate is None else f"{row.estimate:.0f}"
            lines.append(
                (
                    Cell(number, header=True),
                    Cell(arm_label(material.plan, phase, row.arm)),
                    told_by(day, row),
                    *(Cell(sentence_case(word)) for word in words),
                )
            )
        yield Table(
            id=f"{table}-{phase}",
            caption=title,
            columns=("Participant", "Arm", "Day", *HEADS[table]),
            rows=tuple(lines),
            footnotes=(PERMITTED, "Day: study day; day 1 is that of the first dose."),
        )
