"""A file of published results becomes the results of each outcome, or every fault in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ketaoutcomes.data.contract.columns import doubtful_numbers
from ketaoutcomes.data.derive import derived_alone
from ketaoutcomes.data.findings import near_miss, rows_in_words
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import read_table
from ketaoutcomes.data.study_numbers import FIELDS, RowNumbers, StudyRow, lacking
from ketaoutcomes.data.values.missing import without_values
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan.synthesis import Outcome, ResultKind, StudyColumns, SynthesisPlan
from ketaoutcomes.spelling import near_name
from ketaoutcomes.studies import StudyData, StudyResult


def load_studies(
    plan: SynthesisPlan, folder: Path
) -> tuple[tuple[StudyData, ...], tuple[tuple[str, str], ...]]:
    """The results of each outcome; with them the SHA-256 of the file that was read.

    Raises
    ------
    DataError
        If the file cannot be read, or does not keep the plan's contract; all faults at once.
    """
    raw = read_table(folder, plan.data.file, plan.data.writing)
    others = tuple(str(c) for c in raw.frame.columns if c != plan.data.columns.study)
    raw = without_values(raw, plan.data.missing or (), others)
    raw, faults = derived_alone(raw, plan.data.derive)
    problems = (
        [*faults]
        or list(_columns_that_are_not_there(plan, raw))
        or [
            *_rows_of_no_study(plan, raw),
            *_values_spelt_otherwise(plan, raw),
        ]
    )
    problems += _numbers_in_two_notations(plan, raw)
    if problems:
        raise DataError("the file does not fit the plan", tuple(problems))
    found = []
    for name, outcome in plan.outcomes.items():
        chosen = _Chosen(plan.data.columns, name, outcome, raw)
        found.append(chosen.data())
        problems += chosen.problems
    if problems:
        raise DataError("the file does not fit the plan", tuple(dict.fromkeys(problems)))
    return tuple(found), raw.sha256s


def _columns_that_are_not_there(plan: SynthesisPlan, raw: RawTable) -> Iterator[Problem]:
    """Every column that the plan names and the file does not have."""
    for place, column in _named(plan):
        if raw.find(column) is None:
            known = [str(name) for name in raw.frame.columns]
            yield Problem(
                f"{raw.name}, row 1",
                f"the column `{column}` that the plan names under `{place}`",
                "no such column",
                f"{near_miss(column, known)}Correct the name in the plan",
            )


def _rows_of_no_study(plan: SynthesisPlan, raw: RawTable) -> Iterator[Problem]:
    """Rows whose study has no name would all be taken for one."""
    column = plan.data.columns.study
    nameless = [int(str(label)) for label, name in raw.frame[column].items() if not name]
    if nameless:
        yield Problem(
            f"{raw.name}, {column}, {rows_in_words(nameless)}",
            "the name of the study",
            "empty",
            "name the study, or take the row out of the file",
        )


def _values_spelt_otherwise(plan: SynthesisPlan, raw: RawTable) -> Iterator[Problem]:
    """Values of `where`, `prefer`, `reversed_instruments` that no row has, and a near one has."""
    instrument = plan.data.columns.instrument
    for name, outcome in plan.outcomes.items():
        wanted = [(b, c, v) for b in ("where", "prefer") for c, v in getattr(outcome, b).items()]
        if instrument is not None and outcome.reversed_instruments:
            wanted.append(("reversed_instruments", instrument, outcome.reversed_instruments))
        for block, column, values in wanted:
            there = set(raw.frame[raw.find(column) or column].dropna())
            for value in (value for value in values if value and value not in there):
                if near := near_name(value, there - set(values)):
                    yield Problem(
                        f"{raw.name}, {column}",
                        f"a value of the column, under `outcomes.{name}.{block}`",
                        f"`{value}`, which no row has",
                        f"did you mean `{near}`? Write it so in the plan",
                    )


def _numbers_in_two_notations(plan: SynthesisPlan, raw: RawTable) -> Iterator[Problem]:
    """Numbers with a point in columns that have decimal commas."""
    used = {raw.find(column) for _, column in _named(plan)}
    for column, words in raw.doubtful.items():
        if column in used:
            yield doubtful_numbers(f"{raw.name}, {column}", words, plan.data.grouping)


def _named(plan: SynthesisPlan) -> Iterator[tuple[str, str]]:
    """Where the plan names a column, and which."""
    yield from _leaves("data.columns", plan.data.columns.model_dump(exclude_none=True))
    for name, outcome in plan.outcomes.items():
        for block in ("where", "prefer"):
            for column in getattr(outcome, block):
                yield f"outcomes.{name}.{block}", column


def _leaves(place: str, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The columns of a block of the plan, however deep."""
    for key, value in block.items():
        if isinstance(value, str):
            yield f"{place}.{key}", value
        elif isinstance(value, Mapping):
            yield from _leaves(f"{place}.{key}", value)


class _Chosen:
    """The rows that an outcome uses, with the faults met on the way."""

    def __init__(self, columns: StudyColumns, name: str, outcome: Outcome, raw: RawTable) -> None:
        self.columns, self.name, self.outcome, self.raw = columns, name, outcome, raw
        self.problems: list[Problem] = []
        self.why_not: dict[int, str] = {}

    def data(self) -> StudyData:
        """One result a study."""
        rows = self._preferred(self._with_numbers(self._kept(self.raw.frame)))
        studies = tuple(result for row in rows if (result := self._result(row)) is not None)
        if not studies and not self.problems:
            self.problems.append(
                Problem(
                    f"{self.raw.name}, outcome `{self.name}`",
                    "rows to pool",
                    "none that `where` leaves",
                    f"compare the values under `outcomes.{self.name}.where` with those of the file",
                )
            )
        reasons = list(self.why_not.values())
        left_out = tuple((why, reasons.count(why)) for why in dict.fromkeys(reasons))
        return StudyData(
            self.name, len(self.raw.frame), studies, left_out, tuple(self._not_used(studies))
        )

    def _not_used(self, used: tuple[StudyResult, ...]) -> Iterator[tuple[str, str]]:
        """Studies of which no row is used, each with the reasons of its rows."""
        known = {study.study for study in used}
        for name, rows in self.raw.frame.groupby(self.columns.study, sort=False):
            if str(name) not in known:
                reasons = [self.why_not.get(int(str(label))) for label in rows.index]
                yield str(name), "; ".join(dict.fromkeys(why for why in reasons if why))

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        for column, values in self.outcome.where.items():
            wanted = frame[column].fillna("").isin(values)
            shown = " or ".join(value or "empty" for value in values)
            for label in frame.index[~wanted]:
                self.why_not[int(label)] = f"`{column}` is not {shown}"
            frame = frame[wanted]
        return frame

    def _with_numbers(self, frame: pd.DataFrame) -> list[StudyRow]:
        """The rows with all numbers of a kind that the outcome takes, as the most wanted kind."""
        rows = []
        for label, values in frame.iterrows():
            without = {kind: lacking(self.columns, kind, values) for kind in self.outcome.results}
            kind = next((kind for kind, fields in without.items() if not fields), None)
            if kind is None:
                self.why_not[int(str(label))] = self._what_is_lacking(without)
            else:
                rows.append(StudyRow(int(str(label)), kind, values))
        return rows

    def _what_is_lacking(self, without: Mapping[ResultKind, list[str]]) -> str:
        """A field where others of its kind are told; else the kinds."""
        for kind, fields in without.items():
            if len(fields) < FIELDS[kind]:
                return f"{kind} without {' and '.join(fields)}"
        return f"no {' or '.join(self.outcome.results)}"

    def _preferred(self, rows: list[StudyRow]) -> list[StudyRow]:
        """One row a study: the most wanted; two that are wanted alike are a fault."""
        by_study: dict[str, list[StudyRow]] = {}
        for row in rows:
            by_study.setdefault(row.text(self.columns.study), []).append(row)
        return [self._best(study, several) for study, several in by_study.items()]

    def _best(self, study: str, rows: list[StudyRow]) -> StudyRow:
        ranks = {row.number: self._rank(row) for row in rows}
        best = min(ranks.values())
        first = [row for row in rows if ranks[row.number] == best]
        if len(first) > 1:
            self.problems.append(
                Problem(
                    f"{self.raw.name}, {rows_in_words(row.number for row in first)}",
                    f"one result of `{study}` for outcome `{self.name}`",
                    f"{len(first)}",
                    f"choose by a column under `outcomes.{self.name}.where` or `.prefer`; two "
                    "studies of one name need names of their own, as `data.derive` can make them",
                )
            )
        for row in rows:
            if row is not first[0]:
                self.why_not[row.number] = "another result of the study was preferred"
        return first[0]

    def _rank(self, row: StudyRow) -> tuple[int, ...]:
        """How little a row is wanted, by each rule in turn."""
        ranks = [self.outcome.results.index(row.kind)]
        for column, values in self.outcome.prefer.items():
            value = row.text(column)
            ranks.append(values.index(value) if value in values else len(values))
        return tuple(ranks)

    def _result(self, row: StudyRow) -> StudyResult | None:
        """A row as a result; None where its numbers cannot be."""
        read, columns = RowNumbers(row, self.raw.name, self.name), self.columns
        numbers = read.numbers(columns, ratio=self.outcome.is_ratio)
        days = None if columns.days is None else read.number(columns.days, whole=False)
        self.problems += read.problems
        if numbers is None:
            return None
        instrument = row.text(columns.instrument)
        return StudyResult(
            study=row.text(columns.study),
            row=row.number,
            active=row.text(columns.active),
            control=row.text(columns.control),
            instrument=instrument,
            days=days,
            kind=row.kind,
            numbers=numbers,
            characteristics=row.labelled(columns.characteristics),
            risk_of_bias=row.labelled(columns.risk_of_bias),
            turned=instrument in self.outcome.reversed_instruments,
        )
