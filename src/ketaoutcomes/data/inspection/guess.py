"""What each column of a file seems to be, and how the file is laid out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import pandas as pd

from ketaoutcomes.data.inspection.events import event_meaning, tells_censoring
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.inspection.scales import guess_scale, known_scale
from ketaoutcomes.data.inspection.study_effects import effect_columns
from ketaoutcomes.data.inspection.visits import VisitColumns, wide_columns
from ketaoutcomes.data.readers.raw import RawTable

Kind = Literal["long", "wide", "one outcome", "times", "subjects", "study level", "unknown"]

SUBJECT_WORDS: Final = ("usubjid", "subject", "participant", "patient", "subjid", "id", "record")
ARM_WORDS: Final = (
    *("trt", "trta", "trtp", "treatment", "arm", "therapy", "treat", "tx", "randomised"),
    *("randomized", "grp", "group", "drug"),
)
PERIOD_WORDS: Final = ("period", "phase", "epoch")
VISIT_WORDS: Final = (
    *("avisit", "visit", "timepoint", "week", "weeks", "month", "months", "day", "days"),
    *("wave", "time", "session", "occasion"),
)
SCALE_WORDS: Final = ("scale", "instrument", "questionnaire", "measure")
DAY_WORDS: Final = ("ady", "reldays", "day", "days", "studyday")
BASELINE_WORDS: Final = ("base", "baseline", "basval", "bl", "pre", "bas")
DERIVED_WORDS: Final = ("change", "chg", "sqrt", "log", "bin", "cat", "grp", "flag", "int", "seq")
CENSORED_WORDS: Final = ("cnsr", "censor", "censored", "cens")
EVENT_WORDS: Final = ("event", "status", "relapse", "relapsed", "died", "dead", "death", "occurred")
TIME_WORDS: Final = ("time", "days", "weeks", "months", "years", "ttr", "tte", "survival", "age")
MOST_ARMS: Final = 8
MOST_LEVELS: Final = 12
MOST_COVARIATES: Final = 8
STUDY_LEVEL: Final = re.compile(r"(mean|sd|se|n|event|totaln)(_change)?_?(arm|grp|group)?_?[12tc]")


@dataclass(frozen=True)
class Guess:
    """What a file seems to be.

    Attributes
    ----------
    file : str
    kind : str
    columns : dict of str to Column
    roles : dict of str to str
        Field of the plan -> column.
    scores : tuple of str
        Columns of scores in a long file.
    wide : tuple of VisitColumns
        Groups of columns that hold the visits of one scale.
    covariates : tuple of str
    partner : str
        A file of the same subjects that tells their arms; "" where this one does.
    only : dict of str to list of str
        Of a file with several scales, the rows of one.
    """

    file: str
    kind: Kind
    columns: dict[str, Column]
    roles: dict[str, str] = field(default_factory=dict)
    scores: tuple[str, ...] = ()
    wide: tuple[VisitColumns, ...] = ()
    covariates: tuple[str, ...] = ()
    partner: str = ""
    only: dict[str, list[str]] = field(default_factory=dict)

    @property
    def scale_name(self) -> str:
        """What the file calls the scale of its first score."""
        labels = next(iter(self.only.values()), self.scores[:1])
        return next(iter(labels), "")

    def column(self, role: str) -> Column | None:
        """The column of a role."""
        return self.columns.get(self.roles.get(role, ""))


def guess(raw: RawTable) -> Guess:
    """What a file seems to hold; of several scales below each other, one is looked at."""
    if {"AVAL", "CNSR", "PARAMCD"} <= set(raw.frame) and len(
        raw.frame["PARAMCD"].dropna().unique()
    ) > 1:
        first = columns_of(raw)["PARAMCD"].labels()[:1]
        seen = _guess(replace(raw, frame=raw.frame[raw.frame["PARAMCD"].isin(first)]))
        return replace(seen, only={"PARAMCD": list(first)}) if seen.kind == "times" else _guess(raw)
    scale = next((c for c in _named(columns_of(raw).values(), SCALE_WORDS) if c.labels()), None)
    if scale is None or len(scale.counts) == 1:
        return _guess(raw)
    known = [label for label in scale.labels() if known_scale(label)]
    label = (known or [str(scale.counts.index[0])])[0]
    seen = _guess(replace(raw, frame=raw.frame[raw.frame[scale.name] == label]))
    return replace(seen, only={scale.name: [label]}) if seen.kind == "long" else _guess(raw)


def guess_together(raw: RawTable, others: Iterable[RawTable]) -> Guess:
    """What a file seems to hold; arms may stand in another file with one row a subject."""
    seen = guess(raw)
    subject = seen.roles.get("subject")
    if subject is None or "arm" in seen.roles:
        return seen
    for other in others:
        people = guess(other)
        alone = people.kind in ("subjects", "one outcome") and people.roles["subject"] == subject
        arm = people.column("arm")
        if other is not raw and alone and arm is not None and _rank(arm, ARM_WORDS) is not None:
            new = other.frame.drop(
                columns=[c for c in raw.frame if c != subject and c in other.frame]
            )
            frame = raw.frame.join(new.set_index(subject), on=subject)
            return replace(guess(replace(raw, frame=frame)), partner=other.name)
    return seen


def _guess(raw: RawTable) -> Guess:
    columns = columns_of(raw)
    of_arms = sum(STUDY_LEVEL.fullmatch(name.casefold()) is not None for name in columns)
    if of_arms >= len("mean") or effect_columns(columns) is not None:
        return Guess(raw.name, "study level", columns)
    subject = _subject(columns.values())
    if subject is None:
        return Guess(raw.name, "unknown", columns)
    columns = columns_of(raw, subject)
    roles = {"subject": subject}
    rows = len(columns[subject].told)
    if columns[subject].told.nunique() == rows:
        return _one_row_each(raw, columns, roles)
    return _several_rows_each(raw, columns, roles)


def _subject(columns: Iterable[Column]) -> str | None:
    """The column of subjects' codes: by its name, and with many codes."""
    named = [column for column in columns if _rank(column, SUBJECT_WORDS) is not None]
    many = [column for column in named if len(column.counts) > MOST_ARMS]
    best = sorted(many, key=lambda column: (_rank(column, SUBJECT_WORDS), -len(column.counts)))
    return best[0].name if best else None


def _rank(column: Column, words: tuple[str, ...]) -> int | None:
    """Place of the first of these words in the column's name."""
    return next((place for place, word in enumerate(words) if word in column.words), None)


def _named(columns: Iterable[Column], words: tuple[str, ...]) -> list[Column]:
    """Columns with one of these words, the more telling word first."""
    ranked = [(rank, column) for column in columns if (rank := _rank(column, words)) is not None]
    return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]


def _one_row_each(raw: RawTable, columns: dict[str, Column], roles: dict[str, str]) -> Guess:
    free = [column for name, column in columns.items() if name not in roles.values()]
    arm = _arm(free, constant=True)
    free = [column for column in free if column is not arm]
    roles |= {"arm": arm.name} if arm else {}
    times = _times(free)
    if times:
        roles |= times
        covariates = _covariates(free, [*roles.values()])
        return Guess(raw.name, "times", columns, roles, covariates=covariates)
    wide = wide_columns(free)
    if wide:
        used = {column for group in wide for column in group.columns.values()}
        covariates = _covariates(free, [*roles.values(), *used])
        return Guess(raw.name, "wide", columns, roles, wide=wide, covariates=covariates)
    outcomes = [c.name for c in free if c.numeric and len(c.counts) > 1 and not _derived(c)]
    if arm and outcomes:
        covariates = _covariates(free, [*roles.values(), outcomes[0]])
        return Guess(raw.name, "one outcome", columns, roles, (outcomes[0],), (), covariates)
    return Guess(raw.name, "subjects", columns, roles, covariates=_covariates(free, []))


def _several_rows_each(raw: RawTable, columns: dict[str, Column], roles: dict[str, str]) -> Guess:
    free = [column for name, column in columns.items() if name not in roles.values()]
    period = next((c for c in _named(free, PERIOD_WORDS) if 1 < len(c.counts) <= MOST_ARMS), None)
    arm = _arm(free, constant=period is None)
    if arm is not None and arm.constant:
        period = None  # no crossover
    roles |= {"arm": arm.name} if arm else {}
    roles |= {"phase": period.name} if period else {}
    visit = _visit(free, columns[roles["subject"]], period)
    roles |= {"visit": visit.name} if visit else {}
    days = [c for c in _named(free, DAY_WORDS) if c.numeric and c is not visit and not c.constant]
    roles |= {"day": days[0].name} if days else {}
    scores = _scores(free, [*roles.values()], visit)
    if visit is None or not scores:
        return Guess(raw.name, "unknown", columns, roles)
    covariates = _covariates(free, [*roles.values(), *scores])
    return Guess(raw.name, "long", columns, roles, scores, (), covariates)


def _arm(columns: list[Column], *, constant: bool) -> Column | None:
    """The column of arms: two to eight labels and a telling name, or the only one of 0 and 1."""
    few = [c for c in columns if 1 < len(c.counts) <= MOST_ARMS and (c.constant or not constant)]
    named = _named(few, ARM_WORDS)
    if named:
        return named[0]
    two = [c for c in few if c.binary and _rank(c, EVENT_WORDS) is None]
    plain = [c for c in two if _rank(c, CENSORED_WORDS) is None and not _outcome(c)]
    return plain[0] if len(plain) == 1 else None


def _outcome(column: Column) -> bool:
    return bool({"remission", "response", "sex", "gender", "normal"} & column.words)


def _visit(columns: list[Column], subject: Column, period: Column | None) -> Column | None:
    """The column that, with the subject (and period), has no pair twice."""
    others = [period.text] if period else []
    named = [c for c in columns if _rank(c, VISIT_WORDS) is not None]
    for column in sorted(named, key=_as_visit):
        key = [subject.text, *others, column.text]
        once = not column.told.empty and not _twice(key)
        if once and 1 < len(column.counts) <= MOST_LEVELS * 4 and not column.constant:
            return column
    return None


def _as_visit(column: Column) -> tuple[int, int, int]:
    """Order of columns that may tell the visit: by name, then the fuller, then fewer labels."""
    rank = _rank(column, VISIT_WORDS)
    return rank or 0, int(column.text.isna().sum()), len(column.counts)


def _twice(key: list[pd.Series]) -> bool:
    """Whether a combination of values stands in two rows."""
    return bool(pd.concat(key, axis=1, ignore_index=True).dropna().duplicated().any())


def _scores(columns: list[Column], used: list[str], visit: Column | None) -> tuple[str, ...]:
    """Numbers that change within a subject and a visit, those of known scales first."""
    free = [c for c in columns if c.name not in used and c.numeric and not c.constant]
    if visit is not None:
        free = [c for c in free if c.text.groupby(visit.text).nunique().gt(1).any()]
    plain = [c for c in free if not _derived(c) and _rank(c, BASELINE_WORDS) is None]
    known = [c for c in plain if guess_scale([c], c.name).definition is None]
    best = known or sorted(plain, key=lambda c: (c.binary, -len(c.counts)))[:1]
    scales: dict[str, str] = {}
    for column in best:
        scales.setdefault(guess_scale([column], column.name).name, column.name)
    return tuple(scales.values())


def _derived(column: Column) -> bool:
    return _rank(column, DERIVED_WORDS) is not None


def _times(columns: list[Column]) -> dict[str, str]:
    """A time and whether the event was seen or censored: coded 0 and 1, 1 and 2, or in words."""
    by_name = {column.name: column for column in columns}
    if _of_adam(by_name):
        return {"time": "AVAL", "censored": "CNSR"}
    times = [c for c in _named(columns, TIME_WORDS) if c.numeric and not c.negative]
    times = [c for c in times if not c.binary]
    for field_, words in (("censored", CENSORED_WORDS), ("occurred", EVENT_WORDS)):
        marks = [c for c in _named(columns, words) if c.binary]
        if times and marks:
            return {"time": times[0].name, field_: marks[0].name}
    marks = [c for c in _named(columns, EVENT_WORDS) if event_meaning(c)]
    marks += [c for c in columns if tells_censoring(c) and event_meaning(c)]
    return {"time": times[0].name, "occurred": marks[0].name} if times and marks else {}


def _of_adam(columns: dict[str, Column]) -> bool:
    """Whether these are the times of a CDISC ADTTE: a time and 0 where the event was seen."""
    time, mark = columns.get("AVAL"), columns.get("CNSR")
    return time is not None and mark is not None and time.numeric and mark.numeric


def _covariates(columns: list[Column], used: list[str]) -> tuple[str, ...]:
    """What stays the same in a subject, as far as it is few labels or numbers."""
    free = [c for c in columns if c.name not in used and c.constant and len(c.counts) > 1]
    fitting = [c for c in free if c.numeric or len(c.labels()) == len(c.counts) <= MOST_LEVELS]
    plain = [c for c in fitting if not _derived(c) and _rank(c, BASELINE_WORDS) is None]
    full = [c for c in plain if len(c.told) == len(c.text)]
    return tuple(c.name for c in full)[:MOST_COVARIATES]
