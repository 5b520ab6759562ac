"""Shift tables of vital signs on the page."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.shifts import TO, classes_of
from ketaoutcomes.plan.safety import VitalSign
from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_and_share


def shift_blocks(material: Material, phase: str) -> Iterator[Table]:
    """For each vital sign with a normal range, baseline against the worst later value."""
    assert material.plan.safety is not None
    for name, sign in material.plan.safety.vital_signs.items():
        rows = material.results.select(table="vst03", phase=phase)
        found = {(row.group, row.arm): row for row in rows if row.group.startswith(f"{name}: ")}
        if not found:
            continue
        arms, classes = arms_of(material.plan, phase), classes_of(sign)
        lines: list[tuple[Cell, ...]] = []
        for before in classes:
            lines.append((Cell(f"{titled(before)} at baseline", header=True),))
            for after in classes:
                own = [found.get((f"{name}: {before}{TO}{after}", arm)) for arm in arms]
                cells = [told_by(count_and_share(row, row.n if row else None), row) for row in own]
                lines.append(table_row(f"{titled(after)}, worst post-baseline", cells, 1))
        yield Table(
            id=f"vst03-{phase}-{name.lower().replace(' ', '-')}",
            caption=f"{sign.label}: shift from baseline to worst post-baseline value. "
            f"{material.plan.phases[phase].label}",
            columns=("Participants (%)", *(arm_label(material.plan, phase, a) for a in arms)),
            rows=tuple(lines),
            footnotes=(_range(sign),),
        )


def limits_in_words(low: float | None, high: float | None, unit: str = "") -> str:
    """Limits of normal that the plan gives: `Low: below 90, high: above 139 mmHg, as ...`."""
    below = "" if low is None else f"low: below {low:g}"
    above = "" if high is None else f"high: above {high:g}"
    limits = titled(", ".join(filter(None, (below, above))))
    return f"{limits}{f' {unit}' if unit else ''}, as specified in the plan."


def _range(sign: VitalSign) -> str:
    return (
        f"{limits_in_words(sign.normal_low, sign.normal_high, sign.unit)} Participants with a "
        "baseline and a later value; worst: the value farthest outside the range."
    )
