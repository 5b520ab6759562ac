"""A file of published results becomes the results of each outcome, or every fault in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.load.findings import did_you_mean, listed, rows_in_words
from ketaoutcomes.load.raw import RawTable
from ketaoutcomes.load.readers import read_table
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means
from ketaoutcomes.plan.synthesis import (
    CountsOfArms,
    MeansOfArms,
    Outcome,
    ResultKind,
    StudyColumns,
    SynthesisPlan,
)
from ketaoutcomes.studies import StudyData, StudyResult

LEAST_SUBJECTS = 2
"""An arm of one subject has no SD."""


def load_studies(plan: SynthesisPlan, folder: Path) -> tuple[StudyData, ...]:
    """The results of each outcome.

    Raises
    ------
    DataError
        If the file cannot be read, or does not keep the plan's contract; all faults at once.
    """
    raw = read_table(folder, plan.data.file, plan.data)
    problems = list(_columns_that_are_not_there(plan, raw))
    if problems:
        raise DataError("the file does not fit the plan", tuple(problems))
    found = []
    for name, outcome in plan.outcomes.items():
        chosen = _Chosen(plan.data.columns, name, outcome, raw)
        found.append(chosen.data())
        problems += chosen.problems
    if problems:
        raise DataError("the file does not fit the plan", tuple(dict.fromkeys(problems)))
    return tuple(found)


def _columns_that_are_not_there(plan: SynthesisPlan, raw: RawTable) -> Iterator[Problem]:
    """Every column that the plan names and the file does not have."""
    for place, column in _named(plan):
        if raw.find(column) is None:
            known = [str(name) for name in raw.frame.columns]
            yield Problem(
                f"{raw.name}, row 1",
                f"the column `{column}` that the plan names under `{place}`",
                "no such column",
                f"{did_you_mean(column, known)}Mend the name in the plan",
            )


def _named(plan: SynthesisPlan) -> Iterator[tuple[str, str]]:
    """Where the plan names a column, and which."""
    yield from _leaves("data.columns", plan.data.columns.model_dump(exclude_none=True))
    for name, outcome in plan.outcomes.items():
        for block in ("keep", "prefer"):
            for column in getattr(outcome, block):
                yield f"outcomes.{name}.{block}", column


def _leaves(place: str, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The columns of a block of the plan, however deep."""
    for key, value in block.items():
        if isinstance(value, str):
            yield f"{place}.{key}", value
        else:
            yield from _leaves(f"{place}.{key}", value)


class _Chosen:
    """The rows that an outcome uses, with the faults met on the way."""

    def __init__(self, columns: StudyColumns, name: str, outcome: Outcome, raw: RawTable) -> None:
        self.columns, self.name, self.outcome, self.raw = columns, name, outcome, raw
        self.problems: list[Problem] = []
        self.left_out: dict[str, int] = {}

    def data(self) -> StudyData:
        """One result a study."""
        rows = self._preferred(self._with_numbers(self._kept(self.raw.frame)))
        studies = tuple(result for row in rows if (result := self._result(row)) is not None)
        if not studies and not self.problems:
            self.problems.append(
                Problem(
                    f"{self.raw.name}, outcome `{self.name}`",
                    "rows to pool",
                    "none that `keep` leaves",
                    f"compare the values under `outcomes.{self.name}.keep` with those of the file",
                )
            )
        return StudyData(self.name, len(self.raw.frame), studies, tuple(self.left_out.items()))

    def _leave_out(self, reason: str, number: int) -> None:
        if number:
            self.left_out[reason] = self.left_out.get(reason, 0) + number

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        for column, values in self.outcome.keep.items():
            wanted = frame[column].fillna("").isin(values)
            shown = " or ".join(value or "empty" for value in values)
            self._leave_out(f"{column} is not {shown}", int((~wanted).sum()))
            frame = frame[wanted]
        return frame

    def _with_numbers(self, frame: pd.DataFrame) -> list["_Row"]:
        """The rows with all numbers of a kind that the outcome takes, as the most wanted kind."""
        rows = []
        for label, values in frame.iterrows():
            kind = next((k for k in self.outcome.results if self._has_all(values, k)), None)
            if kind is None:
                self._leave_out(f"no {' or '.join(self.outcome.results)} of both arms", 1)
            else:
                rows.append(_Row(int(str(label)), kind, values))
        return rows

    def _has_all(self, values: "pd.Series[str]", kind: ResultKind) -> bool:
        return all(
            values[column] is not None
            for columns in _columns_of(self.columns, kind)
            for column in columns.values()
        )

    def _preferred(self, rows: list["_Row"]) -> list["_Row"]:
        """One row a study: the most wanted; two that are wanted alike are a fault."""
        by_study: dict[str, list[_Row]] = {}
        for row in rows:
            by_study.setdefault(str(row.cells[self.columns.study]), []).append(row)
        return [self._best(study, several) for study, several in by_study.items()]

    def _best(self, study: str, rows: list["_Row"]) -> "_Row":
        ranks = {row.number: self._rank(row) for row in rows}
        best = min(ranks.values())
        first = [row for row in rows if ranks[row.number] == best]
        if len(first) > 1:
            self.problems.append(
                Problem(
                    f"{self.raw.name}, {rows_in_words(row.number for row in first)}",
                    f"one result of `{study}` for outcome `{self.name}`",
                    f"{len(first)}",
                    f"choose by a column under `outcomes.{self.name}.keep` or `.prefer`",
                )
            )
        self._leave_out("another result of the study is wanted more", len(rows) - 1)
        return first[0]

    def _rank(self, row: "_Row") -> tuple[int, ...]:
        """How little a row is wanted, by each rule in turn."""
        ranks = [self.outcome.results.index(row.kind)]
        for column, values in self.outcome.prefer.items():
            value = row.cells[column] or ""
            ranks.append(values.index(value) if value in values else len(values))
        return tuple(ranks)

    def _result(self, row: "_Row") -> StudyResult | None:
        """A row as a result; None where its numbers cannot be."""
        parsed = [
            {f: self._number(row, c, whole=f in ("n", "events")) for f, c in columns.items()}
            for columns in _columns_of(self.columns, row.kind)
        ]
        if any(value is None for arm in parsed for value in arm.values()):
            return None
        active, control = (self._arm(row, arm) for arm in parsed)
        if active is None or control is None:
            return None
        columns = self.columns
        days = None if columns.days is None else self._number(row, columns.days, whole=False)
        return StudyResult(
            study=str(row.cells[columns.study]),
            row=row.number,
            active=row.text(columns.active),
            control=row.text(columns.control),
            instrument=row.text(columns.instrument),
            days=days,
            kind=row.kind,
            numbers=(active, control),  # type: ignore[arg-type]
            characteristics=row.labelled(columns.characteristics),
            risk_of_bias=row.labelled(columns.risk_of_bias),
        )

    def _number(self, row: "_Row", column: str, *, whole: bool) -> float | None:
        text = row.cells[column]
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value != value or (whole and value != int(value)):  # noqa: PLR0124 - NaN
            self._refuse(row, column, "a whole number" if whole else "a number", text)
            return None
        return value

    def _arm(self, row: "_Row", numbers: Mapping[str, float | None]) -> Means | Counts | None:
        """The numbers of an arm, if they can be."""
        given = {name: value for name, value in numbers.items() if value is not None}
        n = int(given["n"])
        if n < LEAST_SUBJECTS:
            self._refuse(row, "n", f"{LEAST_SUBJECTS} subjects or more in an arm", str(n))
            return None
        if "events" not in given:
            if given["sd"] <= 0:
                self._refuse(row, "sd", "an SD above 0", f"{given['sd']:g}")
                return None
            return Means(n, given["mean"], given["sd"])
        if not 0 <= given["events"] <= n:
            self._refuse(row, "events", f"0 to {n} events", f"{given['events']:g}")
            return None
        return Counts(int(given["events"]), n)

    def _refuse(self, row: "_Row", what: str, expected: str, found: str) -> None:
        self.problems.append(
            Problem(
                f"{self.raw.name}, {what}, row {row.number}",
                expected,
                listed([found]),
                f"correct it, or leave the row out with `outcomes.{self.name}.keep`",
            )
        )


@dataclass(frozen=True)
class _Row:
    number: int
    kind: ResultKind
    cells: "pd.Series[str]"

    def text(self, column: str | None) -> str:
        return "" if column is None else str(self.cells[column] or "")

    def labelled(self, columns: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple((label, self.text(column)) for label, column in columns.items())


def _columns_of(columns: StudyColumns, kind: ResultKind) -> tuple[dict[str, str], dict[str, str]]:
    """Field -> column of the active arm and of the control."""
    of_kind: MeansOfArms | CountsOfArms | None = getattr(columns, kind)
    assert of_kind is not None
    return of_kind.active.model_dump(), of_kind.control.model_dump()
