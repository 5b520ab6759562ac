"""Every column of a file, looked at by name and by value."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from typing import Final

import pandas as pd

from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.identifiers.columns import (
    ages_over_the_oldest,
    are_day_numbers,
    are_files_of_names,
    are_initials,
    are_initials_with_births,
    are_names,
    are_single_names,
    belong_to_people,
)
from ketaoutcomes.data.identifiers.dates import are_dates, hold_days
from ketaoutcomes.data.identifiers.names import (
    expected_by_name,
    expected_by_title,
    holds_age,
    holds_ages_in_groups,
    units_of_age,
    words_of,
)
from ketaoutcomes.data.identifiers.numbers import kinds_of_numbers
from ketaoutcomes.data.identifiers.values import DETECTORS
from ketaoutcomes.data.mapping import NUMBER
from ketaoutcomes.data.readers.raw import RawTable

OLDEST: Final = 89
OLDEST_EVER: Final = 125
OLD_GROUP: Final = re.compile(r"(?:9\d|1[01]\d) ?(?:-|\u2013|to) ?\d{2,3}(?: years)?")
"""Ages over 89 in groups; 90 and over is one group that may stay."""
DATES: Final = "dates finer than a year"
AGES: Final = "ages over 89"
NAMES: Final = "names"
MOSTLY: Final = 0.9
FEW: Final = 10
MANY: Final = 100_000
"""Different values of which is kept what they look like, some megabytes."""
UNIQUE: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}"
    r"|(?=.*[A-Z])(?=(?:.*\d){3})[A-Z0-9-]{7,}|[A-Z]{1,2}\d{5,}\([0-9A-Z]\)"
    # letters, then digits, as on number plates and cards: WQ 49348, JYDY 4002 0531
    r"|[A-Z]{1,4} \d{4,}(?: \d{2,})?"
    # digits in groups, as numbers of persons and of telephones are written
    r"|(?=(?:\D*\d){9})[+(]?\d{1,6}(?:[ ./()-]{1,2}\d{1,8}){1,5}(?:[ -][0-9A-Z])?",
    re.IGNORECASE,
)
LONG_NUMBER: Final = re.compile(r"\+?\d{9,19}")
"""A number of so many digits, all of the same length in a column, is a code."""
STUDY_CODE: Final = re.compile(
    r"subj|participant|patient|usubjid|screen|random|record_id|^id$", re.IGNORECASE
)
SINGLE_NAMES_EACH: Final = 0.8
"""Different surnames or given names for each participant, at least."""
INITIALS_EACH: Final = 0.5
"""Different initials for each participant, at least: two people may share theirs."""
OF_THE_STUDY: Final = frozenset(("study", "studyid", "protocol", "trial"))
"""Words of columns whose digits are a number of the study."""
OF_A_STORE: Final = frozenset(("freezer", "rack", "box", "shelf", "well", "position"))
"""Words of columns that say where a sample lies."""
WORDY: Final = 4
"""Words of a free text; a coded term has fewer, or is repeated."""
TOLD: Final = 10
"""Words of a single free text; an answer to choose from is given by others, too."""


def findings_in(
    raw: RawTable, subject: str | None, known: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """What a file holds that may identify a person.

    Parameters
    ----------
    raw : RawTable
    subject : str or None
        The column of the study's own codes for its subjects, which may stay.
    known : frozenset of str
        Columns of which it is known what they hold, such as scores and days: no ages.
    """
    found: list[Finding] = []
    for column in raw.frame.columns:
        counts = Counter(cell for cell in raw.frame[column].tolist() if isinstance(cell, str))
        if counts:
            kinds: Counter[str] = Counter()
            for kind, rows in chain(
                _by_value(counts),
                _by_name(raw, column, counts),
                _by_shape(raw, column, counts, subject),
                _by_person(raw, column, counts, subject),
                ((kind, counts.total()) for kind in kinds_of_numbers(counts)),
            ):
                kinds[kind] = max(kinds[kind], rows)
            if column == subject and not all(text.startswith("+") for text in counts):
                kinds.pop("telephone numbers", None)  # study codes may have its shape
            found += [Finding(raw.name, column, kind, rows) for kind, rows in kinds.items() if rows]
    return tuple(dict.fromkeys((*found, *_ages_by_spread(raw, subject, known))))


def _by_value(counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """Class and number of rows whose value looks like one."""
    rows = dict.fromkeys(DETECTORS, 0)
    for text, n in counts.items():
        for kind in _kinds_of_value(text):
            rows[kind] += n
    yield from rows.items()


@lru_cache(maxsize=MANY)
def _kinds_of_value(text: str) -> tuple[str, ...]:
    """What a value looks like; kept, as the codes of the participants stand in every file."""
    if NUMBER.fullmatch(text):
        return ()
    return tuple(kind for kind, is_one in DETECTORS.items() if is_one(text))


def _by_name(raw: RawTable, column: str, counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """Class and number of rows that a column's name, and its format, speak of."""
    rules = [*expected_by_name(column), *expected_by_title(raw.titles.get(column, ""))]
    for kind, shape in rules:
        rows = sum(n for value, n in counts.items() if shape.fullmatch(value) is not None)
        repeated = kind == "free text" and len(counts) <= min(FEW, counts.total() / 2)
        if rows and not repeated:
            yield kind, rows
    if column in raw.dates:
        yield DATES, counts.total()
    if holds_age(column) or holds_age(raw.titles.get(column, "")):
        values = pd.Series(counts, dtype=int)
        ages = pd.to_numeric(pd.Series(list(counts), values.index), errors="coerce")
        yield (
            AGES,
            int(values[ages.between(OLDEST, OLDEST_EVER, inclusive="right")].sum()),
        )
    if holds_ages_in_groups(column):
        yield AGES, sum(n for text, n in counts.items() if OLD_GROUP.fullmatch(text.strip()))
    for in_a_year in units_of_age(column) | units_of_age(raw.titles.get(column, "")):
        years = {text: float(text) / in_a_year for text in counts if NUMBER.fullmatch(text)}
        old = (text for text, age in years.items() if OLDEST + 1 <= age < OLDEST_EVER)
        yield AGES, sum(counts[text] for text in old)


def _by_shape(
    raw: RawTable, column: str, counts: Counter[str], subject: str | None
) -> Iterator[tuple[str, int]]:
    """Free text, dates in digits, and codes of which each subject has its own."""
    distinct, rows = list(counts), counts.total()
    free = _rows_of_free_text(counts, single=subject in raw.frame)
    if free:
        yield "free text", free
    if hold_days(distinct) and not OF_THE_STUDY & set(words_of(column)):
        yield DATES, rows  # of births, in the codes of the subjects, too
        return
    if column != subject and not OF_THE_STUDY & set(words_of(column)):
        coded = STUDY_CODE.search(column) is not None
        if are_dates(distinct) or (not coded and are_day_numbers(column, distinct)):
            yield DATES, rows
            return
    if _has_one_each(raw, column, counts, subject):
        yield "other unique codes", rows


def _has_one_each(raw: RawTable, column: str, counts: Counter[str], subject: str | None) -> bool:
    """Whether each participant has a code of their own, and none of the study or of a store."""
    of_others = STUDY_CODE.search(column) is not None or OF_A_STORE & set(words_of(column))
    if column == subject or subject not in raw.frame or of_others:
        return False
    alike = len({len(value) for value in counts}) == 1
    codes = [
        value
        for value in counts
        if UNIQUE.fullmatch(value) or (alike and LONG_NUMBER.fullmatch(value))
    ]
    if len(codes) <= FEW or len(codes) < MOSTLY * len(counts):
        return False
    values = raw.frame[column].dropna()
    owners = raw.frame[subject].loc[values.index].groupby(values).nunique()
    people = raw.frame[subject].nunique()
    return bool((owners == 1).mean() > MOSTLY and len(counts) > MOSTLY * people)


def _rows_of_free_text(counts: Counter[str], *, single: bool) -> int:
    """How many rows hold free text: all, where most have words of their own, or else the long.

    Parameters
    ----------
    single : bool
        Whether a single long text counts, too: the file is of participants, and no list of items.
    """
    if len(counts) > FEW and len(counts) > counts.total() / 2:
        words = sum(len(text.split()) for text in counts) / len(counts)
        if words >= WORDY:
            return counts.total()
    long = (text for text in counts if len(text.split()) >= TOLD and not text.endswith("?"))
    return sum(counts[text] == 1 for text in long) if single else 0


def _by_person(
    raw: RawTable, column: str, counts: Counter[str], subject: str | None
) -> Iterator[tuple[str, int]]:
    """Full names and initials, known by how they are spread over the participants."""
    if subject not in raw.frame or len(counts) <= FEW:
        return
    each = _different_each(counts, of_subjects=column == subject)
    if each is not None and belong_to_people(raw.frame[column], raw.frame[subject], each):
        yield NAMES, counts.total()


def _different_each(texts: Collection[str], *, of_subjects: bool) -> float | None:
    """How many different values each participant has at least, if texts are written as names."""
    if are_names(texts) or are_files_of_names(texts) or are_initials_with_births(texts):
        return MOSTLY
    if are_single_names(texts):
        return SINGLE_NAMES_EACH
    return INITIALS_EACH if not of_subjects and are_initials(texts) else None


def _ages_by_spread(raw: RawTable, subject: str | None, known: frozenset[str]) -> Iterator[Finding]:
    """Ages over 89 in a column whose name does not say that it holds ages.

    Where several columns of a file are spread like ages they are scores of several visits.
    """
    if subject not in raw.frame:
        return
    owners = raw.frame[subject]
    people = owners.nunique()
    found = []
    for column in raw.frame.columns.difference([subject, *known]):
        values = raw.frame[column]
        counts = Counter(cell for cell in values.tolist() if isinstance(cell, str))
        rows = ages_over_the_oldest(column, counts, people)
        if rows and belong_to_people(values, owners, 0.0):
            found.append(Finding(raw.name, column, AGES, rows))
    yield from found if len(found) == 1 else ()
