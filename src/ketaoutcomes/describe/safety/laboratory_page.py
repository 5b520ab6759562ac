"""Laboratory and ECG values on the page: shifts of each test, and who was beyond limits."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.laboratory import LAST, LIMITS, WORST, has_range
from ketaoutcomes.describe.safety.shifts import TO, in_order
from ketaoutcomes.describe.safety.shifts_page import limits_in_words
from ketaoutcomes.plan.safety import LaboratoryTest
from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_and_share, count_of, estimate_with_limits
from ketaoutcomes.results import Result

NOBODY = "0/0"
"""Where no participant of an arm has a later value."""


def laboratory_blocks(material: Material, phase: str) -> Iterator[Table]:
    """For each test its shifts, and one table of the limits of all tests."""
    assert material.plan.safety is not None
    for name, test in material.plan.safety.laboratory.items():
        yield from _shifts(material, phase, name, test)
    yield from _limits(material, phase)


def _shifts(material: Material, phase: str, name: str, test: LaboratoryTest) -> Iterator[Table]:
    start = f"{name}: "
    found = {
        (row.table, row.group.removeprefix(start), row.arm): row
        for table in (WORST, LAST)
        for row in material.results.select(table=table, phase=phase)
        if row.group.startswith(start)
    }
    if not found:
        return
    arms = arms_of(material.plan, phase)
    columns = [(table, arm) for arm in arms for table in (WORST, LAST)]
    classes = in_order(group.partition(TO)[0] for _, group, _ in found)

    def cells(group: str) -> list[Result | None]:
        return [found.get((table, group, arm)) for table, arm in columns]

    everybody = cells(f"{classes[0]}{TO}{classes[0]}")
    lines: list[tuple[Cell, ...]] = [
        table_row("n", [told_by(count_of(row), row) for row in everybody])
    ]
    for before in classes:
        lines.append((Cell(f"{titled(before)} at baseline", header=True),))
        for after in classes:
            own = cells(f"{before}{TO}{after}")
            shares = [told_by(count_and_share(row, row.n if row else None), row) for row in own]
            lines.append(table_row(f"{titled(after)} later", shares, 1))
    yield Table(
        id=f"{WORST}-{phase}-{name.lower().replace(' ', '-')}",
        caption=f"{_with_unit(test)}: shift from baseline to the worst and the last post-baseline "
        f"value. {material.plan.phases[phase].label}",
        columns=("Participants (%)", *(word for _ in arms for word in ("Worst", "Last"))),
        rows=tuple(lines),
        spanners=(("", 1), *((arm_label(material.plan, phase, arm), 2) for arm in arms)),
        footnotes=(
            f"n: participants with a baseline and a later value. {_range_words(test)}",
            "Worst: the value farthest outside the range. Last: the value of the last day.",
        ),
    )


def _limits(material: Material, phase: str) -> Iterator[Table]:
    rows = material.results.select(table=LIMITS, phase=phase)
    if not rows:
        return
    assert material.plan.safety is not None
    tests = material.plan.safety.laboratory
    arms = arms_of(material.plan, phase)
    found = {(row.group, row.arm): row for row in rows}
    lines = []
    for group in dict.fromkeys(row.group for row in rows):
        name = max((n for n in tests if group.startswith(f"{n}: ")), key=len)
        words = f"{_with_unit(tests[name])}: {group.removeprefix(f'{name}: ')}"
        own = [found.get((group, arm)) for arm in arms]
        lines.append(table_row(words, [_share(row) for row in own]))
    yield Table(
        id=f"{LIMITS}-{phase}",
        caption=f"Participants with a post-baseline value beyond a limit: n/N, % "
        f"({material.interval_name}). {material.plan.phases[phase].label}",
        columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
        rows=tuple(lines),
        footnotes=(
            "N: participants with a later value, and with an upper limit of normal where a limit "
            "is a multiple of it. CI: Clopper-Pearson.",
        ),
    )


def _share(row: Result | None) -> Cell:
    if row is None:
        return told_by(NOBODY)
    text = f"{count_of(row, 'n_events')}/{count_of(row)}, {estimate_with_limits(row)}"
    return told_by(text, row)


def _with_unit(test: LaboratoryTest) -> str:
    return f"{test.label}, {test.unit}" if test.unit else test.label


def _range_words(test: LaboratoryTest) -> str:
    if not has_range(test):
        return "Low, normal and high: as the data say, by an indicator or by their reference range."
    return limits_in_words(test.normal_low, test.normal_high, test.unit)
