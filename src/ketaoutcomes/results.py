"""The results: one long table, every number a row with a stable id."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, Literal

import pandas as pd

from ketaoutcomes.families.registry import caution_tables, tables

Status = Literal["ok", "warning", "failed", "unavailable", "suppressed"]

NOT_ESTIMATED: Final[tuple[Status, ...]] = ("failed", "unavailable")
"""A number that could not be had: one that the plan asked for, or one that came along."""

TABLES: Final = {
    "dst01": "participant flow",
    "dst02": "participant flow of a crossover by sequence and period",
    "dmt01": "baseline characteristics",
    "mist01": "missing data",
    "nint01": "non-inferiority against a margin",
    "multt01": "families of hypotheses: p-values before and after adjustment",
    "ext01": "exposure",
    "ext02": "exposure by dose",
    "aet01": "adverse events: overview",
    "aet02": "adverse events by system organ class and preferred term",
    "aet03": "exposure-adjusted incidence of adverse events",
    "aet04": "rare events with an upper bound",
    "aet05": "adverse events by greatest severity",
    "aet06": "adverse events by relation to treatment",
    "aelt01": "listing of serious and fatal adverse events",
    "aelt02": "listing of deaths",
    "vst01": "vital signs by time",
    "vst02": "highest value of each vital sign",
    "vst03": "shifts of vital signs against their normal range",
    "lbt01": "shifts of laboratory values from baseline to the worst later value",
    "lbt02": "shifts of laboratory values from baseline to the last value",
    "lbt03": "participants with laboratory values beyond the limits of the plan",
    "trut01": "true values of a synthetic cohort",
    "trut02": "true values under each strategy for the intercurrent events",
    "powt01": "power simulation",
    "powt02": "power simulation: hypotheses tested together",
    "synt01": "effects of the studies of a synthesis",
    "synt02": "pooled effects, and how far the studies differ",
    "synt03": "pooled effects in other ways, and without each study",
    "synt04": "pooled effects in groups of studies",
    "synt05": "effects of small studies",
    "synt08": "effects of studies regressed on characteristics",
}
"""The tables that belong to no family of analyses: what each holds."""


NO_OVERLAP: Final = "no overlap"
"""Begins the message of a standardised difference that is infinite."""

DIFFERS: Final = "differs from"
"""Begins `checked_by` where the second program gave another number."""

WHOLE_TABLE: Final = "table"
"""The statistic of a failed row that stands for all rows of its table."""

RATIO_OF_COSTS: Final = "incremental cost-effectiveness ratio"
"""A ratio with an error of its own scale, as it may be negative."""

EDGE: Final = 1e-9
"""Ends of a range are known to this."""

RATIOS: Final = ("hazard ratio", "time ratio", "rate ratio", "risk ratio", "odds ratio")
"""Statistics that are one where there is no effect; their errors are those of the logarithm."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One number of the report, with all that is known of it.

    Attributes
    ----------
    table : str
        The table it belongs to, one of `TABLES`.
    analysis : str
        Id of the plan's analysis, or "" for descriptive tables.
    statistic : str
        What the number is: "n", "mean", "LS mean", "difference in LS means", "hazard ratio", ...
    estimate, std_error, df, test_statistic, conf_low, conf_high : float or None
    conf_level, p_value : float or None
        None where the number does not exist; never NaN.
    n, n_events : int or None
        Subjects (and events) behind the number.
    unit : str
        "points", "days", "%", "" ...
    status, message : str
        "failed" with the reason where a number that the plan asked for could not be had;
        "unavailable" where it was not asked for; "suppressed" where it may not be shown.
    suppressed : str
        The fields that are blank because they may not be shown, such as "n".
    checked_by : str
        The second program that gave the number alike; begins with "differs from" where it did
        not; "" where there was none.
    decimals : int or None
        With how many it is written on a page, as its scale asks; no part of the table of results.
    """

    table: str
    statistic: str
    analysis: str = ""
    role: str = ""
    estimand: str = ""
    endpoint: str = ""
    phase: str = ""
    visit: str = ""
    arm: str = ""
    reference: str = ""
    group: str = ""
    estimate: float | None = None
    std_error: float | None = None
    df: float | None = None
    test_statistic: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    p_value: float | None = None
    n: int | None = None
    n_events: int | None = None
    unit: str = ""
    method: str = ""
    status: Status = "ok"
    message: str = ""
    suppressed: str = ""
    checked_by: str = ""
    decimals: int | None = None
    of_ratio: bool = False
    """Whether the statistic is about a ratio, as the p-value of a hazard ratio is."""

    @property
    def std_error_scale(self) -> str:
        """That of the standard error: "log" for every ratio, else "" for that of the estimate."""
        of_ratio = self.is_ratio or self.of_ratio
        return "log" if of_ratio and self.std_error is not None else ""

    @property
    def is_ratio(self) -> bool:
        """Whether no effect is one, and not nought; a ratio of costs to effects is no such."""
        return "ratio" in self.statistic.split() and self.statistic != RATIO_OF_COSTS

    def ends_of(self, name: str) -> tuple[float, float] | None:
        """Between which numbers a number that was rounded truly lies; None where it was not.

        `suppressed` holds `field:step` for it: the true number lies within half a step.
        """
        value: float | None = getattr(self, name)
        words = (word.partition(":") for word in self.suppressed.split())
        step = next((float(step) for field, _, step in words if field == name and step), None)
        if value is None or step is None:
            return None
        low, high = value - step / 2, value + step / 2
        return (max(low, 0.0), min(high, 1.0)) if name == "p_value" else (low, high)

    def p_is_under(self, alpha: float) -> bool | None:
        """Whether the p-value is under a level; None where it was rounded so far that none knows.

        Raises
        ------
        ValueError
            If there is no p-value.
        """
        if self.p_value is None:
            raise ValueError(f"{self.id} has no p-value")
        low, high = self.ends_of("p_value") or (self.p_value, self.p_value)
        return None if low < alpha - EDGE and alpha + EDGE < high else self.p_value < alpha

    @property
    def p_value_range(self) -> str:
        """Of a p-value that is given as a class or in few digits, in which range it lies."""
        ends = self.ends_of("p_value")
        return "" if ends is None else f"{ends[0]:.6g} to {ends[1]:.6g}"

    @property
    def includes_no_effect(self) -> bool | None:
        """Whether the interval holds no effect: nought, or one for a ratio; None without one."""
        if self.conf_low is None or self.conf_high is None:
            return None
        return self.conf_low <= (1.0 if self.is_ratio else 0.0) <= self.conf_high

    @property
    def doubted(self) -> bool:
        """Whether a second program gave another number."""
        return self.checked_by.startswith(DIFFERS)

    @cached_property
    def id(self) -> str:
        """Stable name of the number: table and the keys that single it out."""
        keys = (self.analysis or self.phase, self.visit, self.arm, self.reference, self.group)
        words = [self.table, *(key for key in keys if key), self.statistic]
        return "/".join("_".join(word.lower().split()).replace("/", "-") for word in words)


NOT_WRITTEN: Final = ("decimals", "of_ratio")
COLUMNS: Final = tuple(field.name for field in fields(Result) if field.name not in NOT_WRITTEN)
"""The fields that the table of results holds."""

DERIVED: Final = ("std_error_scale", "p_value_range")
"""Columns of the table of results that follow from its fields."""


@dataclass(frozen=True)
class ResultTable:
    """All results of a run, in the order of the report.

    Raises
    ------
    ValueError
        If two rows have the same id, or a row is of an unknown table.
    """

    rows: tuple[Result, ...]

    def __post_init__(self) -> None:
        unknown = {row.table for row in self.rows} - TABLES.keys() - tables().keys()
        if unknown:
            raise ValueError(f"results of unknown tables: {', '.join(sorted(unknown))}")
        seen: set[str] = set()
        for row in self.rows:
            if row.id in seen:
                raise ValueError(f"two results have the id {row.id}")
            seen.add(row.id)

    def select(self, **keys: str) -> tuple[Result, ...]:
        """The rows whose fields equal the given keys, in order."""
        # those of one analysis or table are known; the other keys are looked up among them
        field = next((name for name in self._by if name in keys), None)
        rows = self.rows if field is None else self._by[field].get(keys.pop(field), ())
        if not keys:
            return tuple(rows)
        names, values = list(keys), tuple(keys.values())
        taken = attrgetter(*names)
        wanted = values if len(names) > 1 else values[0]
        return tuple(row for row in rows if taken(row) == wanted)

    @cached_property
    def _by(self) -> dict[str, dict[str, list[Result]]]:
        """The rows of each analysis and of each table, in order."""
        found: dict[str, dict[str, list[Result]]] = {"analysis": {}, "table": {}}
        for row in self.rows:
            for name, of_value in found.items():
                of_value.setdefault(getattr(row, name), []).append(row)
        return found

    @property
    def cautions(self) -> tuple[Result, ...]:
        """Rows whose warning is relevant to the estimand, such as censoring at its events."""
        told = [row for table in caution_tables() for row in self.select(table=table)]
        return tuple(row for row in told if row.status == "warning")

    @property
    def failures(self) -> tuple[str, ...]:
        """Each number that was asked for and could not be had, or is doubted, with the reason."""
        lost = (f"{row.id}: {row.message}" for row in self.rows if row.status == "failed")
        doubted = (f"{row.id}: {row.checked_by}" for row in self.rows if row.doubted)
        return (*lost, *doubted)

    def to_frame(self) -> pd.DataFrame:
        """One row a result: `id`, the fields, and `DERIVED`.

        Numbers are nullable columns.
        """
        columns = ["id", *COLUMNS, *DERIVED]
        rows = [
            {"id": row.id, **{name: getattr(row, name) for name in (*COLUMNS, *DERIVED)}}
            for row in self.rows
        ]
        frame = pd.DataFrame(rows, columns=columns, dtype=object)
        types = dict.fromkeys(columns, "string")
        types |= dict.fromkeys(_FLOATS, "Float64") | dict.fromkeys(_COUNTS, "Int64")
        return frame.astype(types)


_FLOATS = (
    "estimate",
    "std_error",
    "df",
    "test_statistic",
    "conf_low",
    "conf_high",
    "conf_level",
    "p_value",
)
_COUNTS = ("n", "n_events")


def results_from_frame(frame: pd.DataFrame) -> ResultTable:
    """The table that `ResultTable.to_frame` wrote.

    Raises
    ------
    ValueError
        If the frame does not have the columns of results.
    """
    names = COLUMNS
    missing = [name for name in names if name not in frame]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    columns = {name: _plain_values(frame[name]) for name in names}
    rows = (
        Result(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)
    )
    scales = frame["std_error_scale"] if "std_error_scale" in frame else [""] * len(frame)
    return ResultTable(
        tuple(
            replace(row, of_ratio=True) if scale == "log" and not row.is_ratio else row
            for row, scale in zip(rows, scales, strict=True)
        )
    )


def _plain_values(column: pd.Series) -> list[Any]:
    """Python's own numbers and texts, None where there is none."""
    return [None if pd.isna(value) else value for value in column.astype(object)]
