"""Which column tells whose each row is, and files in which none does."""

from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    OUTCOME_WORDS,
    PERIOD_WORDS,
    SUBJECT_WORDS,
    VISIT_WORDS,
    before_randomisation,
    named,
    rank,
)
from ketaoutcomes.data.inspection.daily import is_daily
from ketaoutcomes.data.inspection.groups import MOST_ARMS, few
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.inspection.visits import says_baseline, unit_in
from ketaoutcomes.data.mapping import CENTRE
from ketaoutcomes.data.readers.raw import RawTable

TELLING_VISITS: Final = (*VISIT_WORDS, *PERIOD_WORDS)
OF_A_TRAIT: Final = ("year", "years", "age")
"""Words of visits that may as well be a trait of a person."""
OF_ONE_PARTICIPANT: Final = frozenset(
    ("subject", "subj", "subjid", "usubjid", "participant", "patient", "patid", "ptid", "pid", "id")
) | frozenset(("proband", "teilnehmer", "sujet", "sujeto", "paciente", "soggetto", "dog", "rat"))
"""Names of the codes of participants, however few these are."""
OF_A_CODE: Final = frozenset(
    (
        *("no", "nr", "num", "number", "numero", "nummer", "code", "id", "identifier", "key"),
        *("study", "trial", "screening", "random", "randomisation", "randomization", "unique"),
        *("site", "center", "centre", "anon", "pseudo", "new", "old", "record", "u"),
    )
)
"""Words beside that of a participant in the name of a code."""
CLUSTERS: Final = frozenset(
    (
        *("cluster", "school", "village", "therapist", "class", "family", "household", "team"),
        *("praxis", "practice", "hospital", "clinic", "ward", "neighborhood", "neighbourhood"),
    )
)
"""What groups of people are called that are allocated as one, next to centres."""
MOST_VISITS: Final = 48
HAVE_ALL: Final = 0.6
"""So many of all pairs of a code and a visit have a row, where codes are those of participants."""
MUCH_ALIKE: Final = 1.5
"""The fullest visit has so many times the rows of the emptiest one, at most."""
FEWEST_AT_A_VISIT: Final = 5
HAVE_MOST: Final = 0.5
"""So many of all pairs of a participant and a value have a row, where values may be visits."""
SHARED_BY: Final = 0.2
"""So many of the participants have each visit on average, where a column holds visits."""


def subject_by_name(columns: list[Column]) -> str | None:
    """The column of subjects' codes: by its name, and with many codes."""
    many = [c for c in named(columns, SUBJECT_WORDS) if _may_be_subject(c)]
    best = sorted(many, key=lambda column: (rank(column, SUBJECT_WORDS), -len(column.counts)))
    return best[0].name if best else None


def _may_be_subject(column: Column) -> bool:
    """Whether a column named so has many codes, or is called after nothing but a participant.

    A number that is called after something of a patient, such as the revenue, is not the code, and
    neither is `school_id`, the code of many.
    """
    if column.words & CLUSTERS and not column.words & (set(SUBJECT_WORDS) - {"id", "case"}):
        return False
    if len(column.counts) <= MOST_ARMS:
        alone = column.name.casefold() in OF_ONE_PARTICIPANT
        return alone and len("a") < len(column.counts) < len(column.told)
    others = column.words - {column.name.casefold()} - set(SUBJECT_WORDS) - OF_A_CODE
    others = frozenset(word for word in others if not word.isdigit())
    return not column.numeric or not others or bool(column.words & OF_A_CODE)


def subject_by_rows(columns: list[Column]) -> str | None:
    """A column each of whose values stands once at nearly every visit, whatever it is called."""
    visits = [c for c in named(columns, TELLING_VISITS) if 1 < len(c.counts) <= MOST_VISITS]
    codes = [c for c in columns if may_be_code(c)] if visits else []
    for visit in visits:
        for column in codes:
            if column is not visit and _once_at_each(column, visit):
                return column.name
    return None


def may_be_code(column: Column) -> bool:
    """Whether a column of many values, each in two rows or more on average, may be a code."""
    words = (*ARM_WORDS, *OUTCOME_WORDS, *TELLING_VISITS)
    if rank(column, words) is not None or before_randomisation(column) or column.dates:
        return False
    whole = not column.numeric or bool((column.number % 1 == 0).all())
    full = len(column.told) == len(column.text)
    return whole and full and MOST_ARMS < len(column.counts) <= len(column.text) / 2


def _once_at_each(column: Column, visit: Column) -> bool:
    cells = len(column.counts) * len(visit.counts)
    if not HAVE_ALL * cells <= len(column.text) <= cells:
        return False
    pairs = pd.concat([column.text, visit.text], axis=1, ignore_index=True)
    return not bool(pairs.duplicated().any())


def visit_of(columns: list[Column], subject: Column, period: Column | None) -> Column | None:
    """The column that, with the subject (and period), has no pair twice."""
    others = [period.text] if period else []
    telling = [c for c in columns if rank(c, TELLING_VISITS) is not None and not c.dates]
    for column in sorted(telling, key=_as_visit):
        key = [subject.text, *others, column.text]
        once = not column.told.empty and not twice(key)
        shared = len(column.told) >= SHARED_BY * len(column.counts) * len(subject.counts)
        visits = 1 < len(column.counts) <= MOST_VISITS and shared
        if once and (visits or is_daily(column, subject.text)) and not column.constant:
            return column
    unnamed = visits_by_structure(columns, subject) if period is None else []
    return next((c for c in unnamed if says_times(c)), None)


def visits_by_structure(columns: list[Column], subject: Column) -> list[Column]:
    """Columns that may tell the visit whatever they are called, the fullest first.

    They have few values, of which a participant has each once at most, and most participants have
    most of them.
    """
    fitting = [c for c in columns if _has_few_each_once(c, subject)]
    return sorted(fitting, key=lambda c: (not says_times(c), -len(c.text) / len(c.counts)))


def _has_few_each_once(column: Column, subject: Column) -> bool:
    full = len(column.told) == len(column.text) and not column.dates
    if not full or column.constant or not 1 < len(column.counts) <= MOST_VISITS:
        return False
    cells = len(column.counts) * len(subject.counts)
    shared = len(column.told) >= HAVE_MOST * cells and len(column.labels()) > 1
    return shared and not CENTRE.search(column.name) and not twice([subject.text, column.text])


def says_times(column: Column) -> bool:
    """Whether the labels say times: all with a unit, the baseline apart."""
    told = [says_baseline(label) or bool(unit_in(label)) for label in column.labels()]
    return not column.numeric and bool(told) and all(told)


def _as_visit(column: Column) -> tuple[int, int, int]:
    """Order of columns that may tell the visit: by name, then the fuller, then fewer labels."""
    place = rank(column, TELLING_VISITS)
    return place or 0, int(column.text.isna().sum()), len(column.counts)


def twice(key: list[pd.Series]) -> bool:
    """Whether a combination of values stands in two rows."""
    return bool(pd.concat(key, axis=1, ignore_index=True).dropna().duplicated().any())


def whose_is_unknown(columns: list[Column]) -> bool:
    """Whether rows seem to be visits of participants that no column tells apart.

    A visit has several rows, and all visits have nearly as many.
    """
    visits = [c for c in named(columns, TELLING_VISITS) if 1 < len(c.counts) <= MOST_VISITS]
    visits = [c for c in visits if rank(c, OF_A_TRAIT) is None]
    return any(
        int(c.counts.min()) >= FEWEST_AT_A_VISIT and c.counts.max() <= MUCH_ALIKE * c.counts.min()
        for c in visits
    )


def are_totals(columns: list[Column]) -> bool:
    """Whether each arm has one row, so that the file holds totals of arms."""
    arms = [c for c in named(columns, ARM_WORDS) if few(c)]
    return any(len(c.counts) == len(c.told) for c in arms)


def restarts_in(raw: RawTable) -> tuple[str, ...]:
    """The column of centres and that of subjects' codes, where codes begin anew in each centre.

    Most codes then stand in several centres, and an arm or a trait that differs within a code does
    not within a code of a centre.
    """
    columns = columns_of(raw)
    subject = subject_by_name([*columns.values()])
    if subject is None:
        return ()
    code = columns[subject].text
    for column in columns.values():
        if (
            column.name == subject
            or not CENTRE.search(column.name)
            or rank(column, TELLING_VISITS) is not None
            or len(column.counts) < len("ab")
        ):
            continue
        centres = column.text.groupby(code).nunique()
        if float((centres > 1).mean()) < 1 / 2:
            continue
        fixed = [c for c in columns.values() if c.name not in (subject, column.name)]
        fixed = [c for c in fixed if rank(c, ARM_WORDS) is not None or before_randomisation(c)]
        apart = [code, column.text]
        if any(
            c.text.groupby(code).nunique().gt(1).any()
            and c.text.groupby(apart).nunique().le(1).all()
            for c in fixed
        ):
            return (column.name, subject)
    return ()
