"""The flow diagram of CONSORT 2025, item 22a, from the rows of participant flow alone.

The rows are those that may be shown: what they hide is hidden in the diagram, too.
"""

from collections.abc import Iterable, Iterator, Sequence

from ketaoutcomes.describe.sequences import THEN, periods_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.randomised import any_randomised, is_randomised
from ketaoutcomes.privacy.counts import (
    ASSESSED,
    DID_NOT_ENTER,
    ENTERED,
    NOT_ENROLLED,
    RECEIVED,
    STOPPED,
)
from ketaoutcomes.report.blocks import Figure
from ketaoutcomes.report.drawn import Drawn
from ketaoutcomes.report.flow_drawing import Box, Level, Line, flow_svg
from ketaoutcomes.report.flow_picture import flow_png
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    arms_of,
    lowered,
    sentence_case,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABOUT, SUPPRESSED, count, count_of, is_hidden, is_round
from ketaoutcomes.results import Result

Rows = Sequence[Result]


NUMBER = "n = ".replace(" ", "\N{NO-BREAK SPACE}")
"""What stands before a number, on one line with it."""


def flow_diagram(material: Material) -> Figure | None:
    """The diagram of all phases, linked; of a crossover, by sequence and period."""
    levels = [*_crossover(material)] or [
        level for phase in material.plan.phases for level in _phase(material, phase)
    ]
    if not levels:
        return None
    title = "Participant flow diagram"
    drawing = Drawn(flow_svg(levels, title, in_words(levels)))
    drawing.png = lambda: flow_png(drawing)
    return Figure(
        id="flow-diagram",
        caption=f"Participant flow ({_guideline(material.plan)}). {_caption(material, levels)}",
        svg=drawing,
        alternative=f"{title}: {in_words(levels)}",
        themed=True,
    )


def _guideline(plan: AnalysisPlan) -> str:
    """The item of the guideline that asks for the diagram."""
    if any_randomised(plan):
        return "CONSORT 2025, item 22a"
    return "TARGET, item 8" if plan.study.design == "target trial" else "STROBE, item 13c"


def _caption(material: Material, levels: list[Level]) -> str:
    hidden = any(SUPPRESSED in line.text for level in levels for line in _lines(level))
    words = "n: number of participants."
    if hidden:
        words += f" {SUPPRESSED}: suppressed."
    if not material.results.select(table="dst01", statistic=ASSESSED):
        words += " The number assessed for eligibility is not in the plan or the data."
    return words


def in_words(levels: Iterable[Level]) -> str:
    """The diagram as sentences, for those who do not see it."""
    return " ".join(f"{line.text}." for level in levels for line in _lines(level))


def _lines(level: Level) -> Iterator[Line]:
    if level.heading:
        yield Line(level.heading)
    for box in filter(None, (level.side, *level.boxes, level.note)):
        yield box.title
        yield from box.lines


def _phase(material: Material, phase: str) -> Iterator[Level]:
    """A phase: who entered, how they fared, who was analysed."""
    plan = material.plan
    rows = material.results.select(table="dst01", phase=phase)
    if not rows:
        return
    arms = arms_of(plan, phase)
    first = phase == next(iter(plan.phases))
    screened = [row for row in rows if row.statistic == ASSESSED]
    if screened:
        yield Level((Box(_numbered("Assessed for eligibility", screened)),))
    side = _not_enrolled(rows) if screened else _stayed_out(material, phase)
    heading = plan.phases[phase].label if len(plan.phases) > 1 else ""
    entered = [row for row in rows if row.statistic == "assigned"]
    words = entered_words(plan, phase)
    linked = screened or any(_from_before(material, phase))
    entry = plan.phases[phase].entry
    told = (Line(titled(entry)),) if entry and not first else ()
    if len(arms) > 1:
        top = Box(_numbered(words, entered), told)
        yield Level((top,), side, heading=heading, follows=bool(linked))
        side, heading, linked = None, "", True
    boxes = tuple(_allocated(plan, phase, arm, rows) for arm in arms)
    yield Level(boxes, side, heading=heading, follows=bool(linked))
    if any(row.statistic == "completed" for row in rows):
        yield Level(tuple(_followed(rows, arm) for arm in arms))
    analysed = tuple(_analysed(plan, rows, arm) for arm in arms)
    if any(box.lines for box in analysed):
        yield Level(analysed, note=_left_out(plan, rows))


def entered_words(plan: AnalysisPlan, phase: str) -> str:
    """How those who entered a phase came to be there."""
    before = list(plan.phases)[: list(plan.phases).index(phase)]
    if any(plan.phases[other].arms.keys() == plan.phases[phase].arms.keys() for other in before):
        return "Entered"  # whether chance gave them the same arms again, the plan does not tell
    if is_randomised(plan, phase):
        return "Randomised"
    return "Included" if plan.phases[phase].arms_by else "Enrolled"


def _numbered(words: str, rows: Rows, shown: str | None = None) -> Line:
    """Words with a number, the sum of rows; hidden where one of them is."""
    text = _sum(rows) if shown is None else shown
    exact = text.removeprefix(ABOUT)
    sign = NUMBER if exact == text else NUMBER.replace("=", ABOUT)
    return Line(f"{words} ({sign}{exact})", tuple(row.id for row in rows))


def _sum(rows: Rows) -> str:
    return _less(rows, ())


def _reasons(rows: Rows) -> tuple[Line, ...]:
    """Each reason with its number, those of nobody left out."""
    reasons = dict.fromkeys(row.group for row in rows)
    lines = []
    for reason in reasons:
        of_reason = [row for row in rows if row.group == reason]
        text = _sum(of_reason)
        if reason and text != "0":
            words = sentence_case(reason.rpartition(": ")[2])
            lines.append(_indented(_numbered(words, of_reason)))
    return tuple(lines)


def _indented(line: Line) -> Line:
    return Line(line.text, line.results, indent=True)


def _not_enrolled(rows: Rows) -> Box | None:
    """Who was assessed and did not enter."""
    out = [row for row in rows if row.statistic == NOT_ENROLLED]
    return Box(_numbered("Excluded", out), _reasons(out)) if out else None


def _from_before(material: Material, phase: str) -> tuple[Result, ...]:
    """Rows of an earlier phase about those who went on to this one."""
    return material.results.select(table="dst01", statistic=ENTERED, group=phase)


def _stayed_out(material: Material, phase: str) -> Box | None:
    """What became of those of the earlier phase who did not enter this one."""
    entered = _from_before(material, phase)
    if not entered:
        return None
    before = material.results.select(table="dst01", phase=entered[0].phase)
    assigned = [row for row in before if row.statistic == "assigned"]
    done = [row for row in before if row.statistic == DID_NOT_ENTER]
    not_entered = _less(assigned, entered)
    lines = []
    if done:
        completed = _numbered("Completed the phase, did not enter", done)
        lines.append(_indented(completed))
        rest = _less(assigned, (*entered, *done))
        told = (*assigned, *entered, *done)
        lines.append(_indented(_numbered("Discontinued during the phase", told, rest)))
    told = (*assigned, *entered)
    return Box(_numbered("Did not enter the next phase", told, not_entered), tuple(lines))


def _less(whole: Rows, part: Rows) -> str:
    """The sum of some rows less that of others: hidden or about, where one of them is."""
    rows = (*whole, *part)
    if any(is_hidden(row, "n") for row in rows):
        return SUPPRESSED
    about = ABOUT if any(map(is_round, rows)) else ""
    return about + count(sum(row.n or 0 for row in whole) - sum(row.n or 0 for row in part))


def _of(rows: Rows, statistic: str, arm: str) -> list[Result]:
    return [row for row in rows if row.statistic == statistic and row.arm == arm]


def _allocated(plan: AnalysisPlan, phase: str, arm: str, rows: Rows) -> Box:
    """Those of an arm, and how many of them received treatment."""
    assigned, treated = _of(rows, "assigned", arm), _of(rows, RECEIVED, arm)
    lines = []
    if treated:
        lines.append(_numbered("Received treatment", treated))
        lost = _less(assigned, treated)
        if lost not in {"0", SUPPRESSED}:
            lines.append(_numbered("Did not receive treatment", (*assigned, *treated), lost))
    elif any(row.statistic == RECEIVED for row in rows):
        lines.append(Line("No doses recorded for this arm"))
    return Box(_numbered(arm_label(plan, phase, arm), assigned), tuple(lines))


def _followed(rows: Rows, arm: str) -> Box:
    """Those of an arm who completed the phase, and why others did not."""
    completed, left = _of(rows, "completed", arm), _of(rows, "left", arm)
    stopped = _of(rows, STOPPED, arm)
    lines = [_numbered("Discontinued the study", left), *_reasons(left)]
    if stopped:
        lines += [_numbered("Discontinued treatment", stopped), *_reasons(stopped)]
    entered = _of(rows, ENTERED, arm)
    if entered:
        lines.append(_numbered("Entered the next phase", entered))
    return Box(_numbered("Completed", completed), tuple(lines))


def primary_analyses(plan: AnalysisPlan, names: Iterable[str]) -> tuple[str, ...]:
    """The primary analyses among these, or else the first."""
    known = tuple(names)
    return tuple(n for n in known if plan.analyses[n].role == "primary") or known[:1]


def _analysed(plan: AnalysisPlan, rows: Rows, arm: str) -> Box:
    """How many of an arm are in the primary analyses of the phase."""
    names = dict.fromkeys(row.analysis for row in rows if row.statistic == "analysed")
    lines = [
        _numbered(
            analysis_label(plan, name),
            [row for row in _of(rows, "analysed", arm) if row.analysis == name],
        )
        for name in primary_analyses(plan, names)
    ]
    return Box(Line("Analysed"), tuple(lines))


def _left_out(plan: AnalysisPlan, rows: Rows) -> Box | None:
    """Why participants of a phase are not in its primary analyses; arms are not told apart."""
    names = dict.fromkeys(row.analysis for row in rows if row.statistic == "analysed")
    primary = primary_analyses(plan, names)
    lines = [
        Line(
            f"{titled(row.group)} (n = {count_of(row)})"
            + (f" ({lowered(analysis_label(plan, row.analysis))})" if len(primary) > 1 else ""),
            (row.id,),
        )
        for row in rows
        if row.statistic == "excluded" and row.analysis in primary and row.n != 0
    ]
    return Box(Line("Not analysed (all arms)"), tuple(lines)) if lines else None


def _crossover(material: Material) -> Iterator[Level]:
    """A crossover: sequences are columns, periods follow each other."""
    plan = material.plan
    rows = material.results.select(table="dst02")
    periods = periods_of(plan)
    if not rows:
        return
    first = material.results.select(table="dst01", phase=periods[0])
    screened = [row for row in first if row.statistic == ASSESSED]
    if screened:
        yield Level((Box(_numbered("Assessed for eligibility", screened)),))
    entered = [row for row in first if row.statistic == "assigned"]
    side = _not_enrolled(first) if screened else None
    yield Level(
        (Box(_numbered("Randomised to a sequence", entered)),), side, follows=bool(screened)
    )
    sequences = tuple(dict.fromkeys(row.group.partition(": ")[0] for row in rows))
    yield Level(tuple(_sequence(plan, rows, periods[0], sequence) for sequence in sequences))
    for period in periods:
        yield Level(tuple(_in_period(plan, rows, period, sequence) for sequence in sequences))
    boxes = tuple(_sequence_analysed(plan, rows, sequence) for sequence in sequences)
    if any(box.lines for box in boxes):
        yield Level(boxes)


def _sequence(plan: AnalysisPlan, rows: Rows, period: str, sequence: str) -> Box:
    """Who was randomised to a sequence, which is who began it."""
    assigned = [
        row
        for row in rows
        if (row.statistic, row.phase, row.group) == ("assigned", period, sequence)
    ]
    return Box(_numbered(sequence_words(plan, sequence), assigned))


def _in_period(plan: AnalysisPlan, rows: Rows, period: str, sequence: str) -> Box:
    """A period of a sequence: who entered it, completed it, or discontinued the study in it."""
    here = [r for r in rows if r.phase == period and r.group.partition(": ")[0] == sequence]
    assigned = [row for row in here if row.statistic == "assigned"]
    arm = assigned[0].arm
    treatment = arm_label(plan, period, arm) if arm else "Treatment not known"
    lines = [_numbered(treatment, assigned)]
    completed = [row for row in here if row.statistic == "completed"]
    left = [row for row in here if row.statistic == "left"]
    if completed:
        lines += [
            _numbered("Completed", completed),
            _numbered("Discontinued the study", left),
            *_reasons(left),
        ]
    return Box(Line(plan.phases[period].label), tuple(lines))


def _sequence_analysed(plan: AnalysisPlan, rows: Rows, sequence: str) -> Box:
    own = [row for row in rows if row.statistic == "analysed" and row.group == sequence]
    lines = tuple(_numbered(analysis_label(plan, row.analysis), [row]) for row in own)
    return Box(Line("Analysed"), lines)


def sequence_words(plan: AnalysisPlan, sequence: str) -> str:
    """A sequence as a reader names it."""
    arms = {arm: label for phase in plan.phases.values() for arm, label in phase.arms.items()}
    return ", then ".join(arms.get(arm, arm) for arm in sequence.split(THEN))
