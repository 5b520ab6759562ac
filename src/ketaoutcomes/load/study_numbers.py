"""The numbers of one row of published results, or every fault in them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketaoutcomes.errors import Problem
from ketaoutcomes.load.findings import listed
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means
from ketaoutcomes.plan.synthesis import CountsOfArms, MeansOfArms, ResultKind, StudyColumns

if TYPE_CHECKING:
    import pandas as pd

LEAST_SUBJECTS = 2
"""An arm of one subject has no SD."""

WHOLE = ("n", "events")


@dataclass(frozen=True)
class StudyRow:
    """A row of the file, and the kind of result that is taken of it."""

    number: int
    kind: ResultKind
    cells: "pd.Series[str]"

    def text(self, column: str | None) -> str:
        """What the file says; empty where it does not."""
        return "" if column is None else str(self.cells[column] or "")

    def labelled(self, columns: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Label and what the file says under it."""
        return tuple((label, self.text(column)) for label, column in columns.items())


def columns_of(columns: StudyColumns, kind: ResultKind) -> tuple[dict[str, str], dict[str, str]]:
    """Field -> column of the active arm and of the control."""
    of_kind: MeansOfArms | CountsOfArms | None = getattr(columns, kind)
    assert of_kind is not None
    return of_kind.active.model_dump(), of_kind.control.model_dump()


class RowNumbers:
    """Reads the numbers of a row and keeps the faults met."""

    def __init__(self, row: StudyRow, file: str, outcome: str) -> None:
        self.row, self.file, self.outcome = row, file, outcome
        self.problems: list[Problem] = []

    def arms(self, columns: StudyColumns) -> tuple[Means | Counts, Means | Counts] | None:
        """The numbers of both arms; None where a fault was met."""
        active, control = (self._arm(names) for names in columns_of(columns, self.row.kind))
        return None if active is None or control is None else (active, control)

    def number(self, column: str, *, whole: bool) -> float | None:
        """A number of a column; None where there is none, or a fault."""
        text = self.row.cells[column]
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or (whole and value != int(value)):
            self._refuse(column, "a whole number" if whole else "a number", str(text))
            return None
        return value

    def _arm(self, columns: Mapping[str, str]) -> Means | Counts | None:
        """The numbers of an arm, if they can be."""
        read = {
            field: self.number(column, whole=field in WHOLE) for field, column in columns.items()
        }
        given = {field: value for field, value in read.items() if value is not None}
        if len(given) < len(columns):
            return None
        if (fault := _impossible(given)) is not None:
            field, expected = fault
            self._refuse(columns[field], expected, f"{given[field]:g}")
            return None
        n = int(given["n"])
        if "events" in given:
            return Counts(int(given["events"]), n)
        return Means(n, given["mean"], given["sd"])

    def _refuse(self, column: str, expected: str, found: str) -> None:
        self.problems.append(
            Problem(
                f"{self.file}, {column}, row {self.row.number}",
                expected,
                listed([found]),
                f"correct it, or leave the row out with `outcomes.{self.outcome}.keep`",
            )
        )


def _impossible(given: Mapping[str, float]) -> tuple[str, str] | None:
    """The field of an arm that cannot be, and what it should be."""
    if given["n"] < LEAST_SUBJECTS:
        return "n", f"{LEAST_SUBJECTS} subjects or more in an arm"
    if given.get("sd", 1.0) <= 0:
        return "sd", "an SD above 0"
    if not 0 <= given.get("events", 0.0) <= given["n"]:
        return "events", f"0 to {given['n']:g} events"
    return None
