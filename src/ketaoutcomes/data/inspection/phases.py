"""Phases that follow each other: a lead-in, a randomised phase, a follow-up."""

from typing import Final

from ketaoutcomes.data.inspection.column_words import ARM_WORDS, PERIOD_WORDS, named
from ketaoutcomes.data.inspection.groups import MOST_ARMS, few
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.subjects import subject_by_name, subject_by_rows
from ketaoutcomes.data.readers.raw import RawTable

EVERY_PHASE: Final = "all of them"
"""The answer that phases are not told apart."""
SEVERAL_ROWS: Final = 1.5
"""So many rows a participant has in a phase, on average, that has visits of its own."""


def phase_of_rows(raw: RawTable) -> Column | None:
    """The column of phases with several visits each; None in a crossover."""
    listed = [*columns_of(raw).values()]
    subject = subject_by_name(listed) or subject_by_rows(listed)
    if subject is None:
        return None
    columns = columns_of(raw, subject)
    others = [c for c in columns.values() if c.name != subject]
    arms = [c for c in named(others, ARM_WORDS) if few(c)]
    phases = [
        c
        for c in named(others, PERIOD_WORDS)
        if len(c.labels()) > 1 and len(c.counts) <= MOST_ARMS and not c.constant
    ]
    if not phases or not all(arm.constant for arm in arms):
        return None
    if not arms and phases[0].numeric:
        return None  # periods of a crossover, perhaps, whose treatments no name tells
    rows = raw.frame.groupby([subject, phases[0].name]).size()
    return phases[0] if float(rows.mean()) >= SEVERAL_ROWS else None


def ask_phase(asked: Asked, phase: Column) -> Question:
    """Which phase is analysed; never evident, as a lead-in is often open and has no control."""
    return asked.decide(
        "rows",
        f"Rows of several `{phase.name}` follow each other. Which are analysed?",
        [
            *(
                Choice(f"{phase.name} {label}", f"{int(phase.counts[label])} rows")
                for label in phase.labels()
            ),
            Choice(EVERY_PHASE, "visits of all count from one baseline, the first of all"),
        ],
        default=f"{phase.name} {phase.labels()[-1]}",
    )
