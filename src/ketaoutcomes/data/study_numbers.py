"""The numbers of one row of published results, or every fault in them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ketaoutcomes.data.findings import listed
from ketaoutcomes.errors import Problem
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means, Published
from ketaoutcomes.plan.synthesis import (
    CountsOfArms,
    EffectOfStudy,
    MeansOfArms,
    ResultKind,
    StudyColumns,
)
from ketaoutcomes.studies import Numbers

if TYPE_CHECKING:
    import pandas as pd

LEAST_SUBJECTS = 2
"""An arm of one subject has no SD."""

WHOLE = ("n", "events", "active_n", "control_n")


FIELDS: dict[ResultKind, int] = {"means": 3, "changes": 3, "counts": 2, "effects": 2}
"""How much a row tells of each kind of result; of an effect itself and its precision."""


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


def lacking(columns: StudyColumns, kind: ResultKind, cells: "pd.Series[str]") -> list[str]:
    """The fields of a kind of result that a row does not tell."""
    if kind != "effects":
        arms = columns_of(columns, kind)
        return [field for field in arms[0] if any(cells[arm[field]] is None for arm in arms)]
    effects = columns.effects
    assert effects is not None
    told = {
        field: column is not None and cells[column] is not None
        for field, column in effects.model_dump(exclude={"conf_level"}).items()
    }
    precise = told["std_error"] or (told["low"] and told["high"])
    return [
        field for field, there in (("estimate", told["estimate"]), ("error", precise)) if not there
    ]


class RowNumbers:
    """Reads the numbers of a row and keeps the faults met."""

    def __init__(self, row: StudyRow, file: str, outcome: str) -> None:
        self.row, self.file, self.outcome = row, file, outcome
        self.problems: list[Problem] = []

    def numbers(self, columns: StudyColumns, *, ratio: bool) -> Numbers | None:
        """What the row tells; None where a fault was met."""
        if self.row.kind == "effects":
            assert columns.effects is not None
            return self._published(columns.effects, ratio=ratio)
        arms = tuple(self._arm(names) for names in columns_of(columns, self.row.kind))
        return None if None in arms else cast("Numbers", arms)

    def _published(self, columns: EffectOfStudy, *, ratio: bool) -> Published | None:
        """The effect that a study tells; None where a fault was met."""
        read = {
            field: None if column is None else self.number(column, whole=field in WHOLE)
            for field, column in columns.model_dump(exclude={"conf_level"}).items()
        }
        if self.problems or not self._can_be(columns, read, ratio=ratio):
            return None
        scale = math.log if ratio else float
        estimate, error = read["estimate"], read["std_error"]
        assert estimate is not None
        if error is None:
            z = float(norm.ppf(0.5 + columns.conf_level / 2))
            error = (scale(read["high"]) - scale(read["low"])) / (2 * z)  # type: ignore[arg-type]
        sizes = [None if n is None else int(n) for n in (read["active_n"], read["control_n"])]
        return Published(scale(estimate), error, *sizes)

    def _can_be(
        self, columns: EffectOfStudy, read: Mapping[str, float | None], *, ratio: bool
    ) -> bool:
        """Whether an effect and its precision can be; else the fault is kept."""
        estimate, least = read["estimate"], 0.0 if ratio else -math.inf
        assert estimate is not None
        checks = (
            ("estimate", least, math.inf, "a ratio above 0"),
            ("low", least, estimate, "a limit below the estimate"),
            ("high", estimate, math.inf, "a limit above the estimate"),
            ("std_error", 0.0, math.inf, "a standard error above 0"),
        )
        for field, above, below, expected in checks:
            value = read[field]
            if value is not None and not above < value < below:
                self._refuse(getattr(columns, field), expected, f"{value:g}")
        return not self.problems

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
                f"correct it, or leave the row out with `outcomes.{self.outcome}.where`",
            )
        )


def _impossible(given: Mapping[str, float]) -> tuple[str, str] | None:
    """The field of an arm that cannot be, and what it should be."""
    if given["n"] < LEAST_SUBJECTS:
        return "n", f"{LEAST_SUBJECTS} participants or more in an arm"
    if given.get("sd", 1.0) <= 0:
        return "sd", "an SD above 0"
    if not 0 <= given.get("events", 0.0) <= given["n"]:
        return "events", f"0 to {given['n']:g} events"
    return None
