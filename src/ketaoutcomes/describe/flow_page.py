"""Participant flow: assigned, completed or left, and analysed."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ketaoutcomes.describe.flow_diagram import entered_words, flow_diagram
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.privacy.counts import ENTERED
from ketaoutcomes.report.blocks import Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    arms_of,
    joined,
    lowered,
    sentence_case,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABOUT,
    SUPPRESSED,
    count,
    count_of,
    is_hidden,
    is_round,
    percentage,
)
from ketaoutcomes.results import Result


def flow_section(material: Material) -> Section | None:
    """The diagram, then one table a phase; arms are columns."""
    tables = tuple(
        _phase_table(material, phase)
        for phase in material.plan.phases
        if material.results.select(table="dst01", phase=phase)
    )
    if not tables:
        return None
    diagram = flow_diagram(material)
    return Section("flow", "Participant flow", (*((diagram,) if diagram else ()), *tables))


def _phase_table(material: Material, phase: str) -> Table:
    plan = material.plan
    rows = material.results.select(table="dst01", phase=phase)
    arms = arms_of(plan, phase)
    assigned = {row.arm: row for row in rows if row.statistic == "assigned"}
    entered = entered_words(plan, phase)

    def body(label: str, indent: int, wanted: Callable[[Result], bool]) -> tuple[Cell, ...]:
        of_arm = {row.arm: row for row in rows if wanted(row)}
        cells = [_share([of_arm.get(arm)], [assigned.get(arm)]) for arm in arms]
        if len(arms) > 1:
            cells.append(_share([*of_arm.values()], [*assigned.values()]))
        return table_row(label, cells, indent)

    labels = [arm_label(plan, phase, arm) for arm in arms]
    lines = [body(entered, 0, lambda row: row.statistic == "assigned")]
    if any(row.statistic == "completed" for row in rows):
        lines.append(body("Completed", 0, lambda row: row.statistic == "completed"))
        lines.append((Cell("Discontinued study", header=True),))
    reasons = dict.fromkeys(row.group for row in rows if row.statistic == "left")
    lines += [body(sentence_case(reason), 1, _left_for(reason)) for reason in reasons]
    later = dict.fromkeys(row.group for row in rows if row.statistic == ENTERED)
    lines += [
        body(f"Entered: {plan.phases[after].label}", 0, lambda row: row.statistic == ENTERED)
        for after in later
    ]
    names = dict.fromkeys(row.analysis for row in rows if row.statistic == "analysed")
    of_periods = [name for name in names if model_of(plan.analyses[name]).phases is not None]
    lines += _under(
        "Included in analysis",
        [
            body(analysis_label(plan, name), 1, _in_analysis(name))
            for name in names
            if name not in of_periods
        ],
    )
    lines += _under(
        "Included in analysis of all periods",
        [_of_periods(material, name, rows, arms) for name in of_periods],
    )
    return Table(
        id=f"dst01-{phase}",
        caption=f"Participant flow. {plan.phases[phase].label}",
        columns=("", *labels, *(["Total"] if len(arms) > 1 else [])),
        rows=tuple(lines),
        footnotes=(
            f"n (%) of participants {lowered(entered)}.",
            *(_of_those_who_did_not_go_on(rows) if later else ()),
            *_exclusions(material, rows),
            *_without_outcome(material, names),
        ),
    )


def _of_those_who_did_not_go_on(rows: tuple[Result, ...]) -> Iterator[str]:
    """How many completed a phase and did not enter the next."""
    counts = {
        statistic: _total([row for row in rows if row.statistic == statistic])
        for statistic in ("assigned", "completed", ENTERED)
    }
    assigned, completed, entered = counts.values()
    if assigned is None or entered is None:
        return
    some = f"; {count(completed)} completed this phase" if completed is not None else ""
    yield (
        f"Of {count(assigned)} participants in this phase, {count(entered)} entered the "
        f"next and {count(assigned - entered)} did not{some}. Entry depended on the "
        "outcome of this phase: results of the later phase apply to those who entered, "
        "not to all participants."
    )


def _without_outcome(material: Material, names: Iterable[str]) -> Iterator[str]:
    """Analyses whose own numbers may be of fewer than are counted in them."""
    analyses = material.plan.analyses
    fewer = [n for n in names if getattr(analyses[n], "missing_as", "") == "excluded"]
    if fewer:
        words = joined(lowered(analysis_label(material.plan, name)) for name in fewer)
        yield f"Participants without an outcome are counted here and excluded from {words}."


def _left_for(reason: str) -> Callable[[Result], bool]:
    return lambda row: (row.statistic, row.group) == ("left", reason)


def _in_analysis(name: str) -> Callable[[Result], bool]:
    return lambda row: (row.statistic, row.analysis) == ("analysed", name)


def _share(rows: list[Result | None], of: list[Result | None]) -> Cell:
    """A count over some arms, and its share of those assigned to them."""
    number, whole = _total(rows), _total(of)
    text = count(number)
    if any(is_hidden(row, "n") for row in rows):
        text = SUPPRESSED
    elif any(is_round(row) for row in rows):
        text = f"{ABOUT}{text}"
    elif number is not None and whole and not any(map(is_round, of)):
        text += f" ({percentage(number / whole)})"
    return told_by(text, *rows)


def _total(rows: list[Result | None]) -> int | None:
    counts = [row.n for row in rows if row is not None]
    known = [n for n in counts if n is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _of_periods(
    material: Material, name: str, rows: tuple[Result, ...], arms: Sequence[str]
) -> tuple[Cell, ...]:
    """Subjects of all periods on each treatment, which are no share of those of one period."""
    of_arm = {row.arm: row for row in rows if _in_analysis(name)(row)}
    cells = [told_by(count_of(of_arm.get(arm)), of_arm.get(arm)) for arm in arms]
    blank = [""] if len(arms) > 1 else []
    return table_row(analysis_label(material.plan, name), [*cells, *blank], indent=1)


def _under(heading: str, lines: list[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
    """Lines under a heading, or nothing where there are none."""
    if lines:
        yield (Cell(heading, header=True),)
        yield from _alike(lines)


def _alike(lines: list[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
    """Analyses of the same subjects in one line."""
    same: dict[tuple[str, ...], list[tuple[Cell, ...]]] = {}
    for line in lines:
        same.setdefault(tuple(cell.text for cell in line[1:]), []).append(line)
    for alike in same.values():
        first, *others = (line[0].text for line in alike)
        names = "; ".join([first, *map(lowered, others)])
        numbers = (
            Cell(cells[0].text, results=tuple(i for cell in cells for i in cell.results))
            for cells in zip(*(line[1:] for line in alike), strict=True)
        )
        yield table_row(names, numbers, alike[0][0].indent)


def _exclusions(material: Material, rows: tuple[Result, ...]) -> Iterator[str]:
    """Why assigned subjects are not in an analysis; analyses with the same reasons together."""
    why: dict[str, list[str]] = {}
    for row in rows:
        if row.statistic == "excluded" and row.n != 0:
            name = lowered(analysis_label(material.plan, row.analysis))
            why.setdefault(f"{count_of(row)} excluded ({row.group})", []).append(name)
    for reason, names in why.items():
        yield f"{titled('; '.join(names))}: {reason}."
