"""Laboratory and ECG values as a frame of a cohort, and what a report must say of them."""

from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from ketaoutcomes.cohort import LABORATORY_COLUMNS, empty_frame
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.data.values.days import days_since_first_dose
from ketaoutcomes.data.values.indicators import YES, folded
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import MEASURED, FileRole
from ketaoutcomes.remarks import COUNT, Remark

Tables = Mapping[FileRole, MappedTable]

INDICATORS: Final = {
    **dict.fromkeys(("low", "l", "low low", "ll"), "low"),
    **dict.fromkeys(("normal", "n"), "normal"),
    **dict.fromkeys(("high", "h", "high high", "hh"), "high"),
}
"""Words of ADaM's ANRIND and of SDTM's codelist NRIND, without regard to case."""

UNIT: Final = "value"


def of_the_plan(table: MappedTable, plan: AnalysisPlan) -> pd.Series:
    """True in the rows of tests that the plan names."""
    named = plan.safety.laboratory if plan.safety is not None else {}
    return table.frame["test"].isin(list(named))


def laboratory(tables: Tables, plan: AnalysisPlan) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """One row a value of a test of the plan, and what was left out or presumed.

    Parameters
    ----------
    tables : mapping of role to MappedTable
        Tables that keep the contract.
    plan : AnalysisPlan

    Returns
    -------
    frame : DataFrame
        As `Cohort.laboratory`.
    remarks : tuple of Remark
        Values left out, repeated, or without a reference range, with their number.
    """
    frames, remarks = [], list[Remark]()
    for role in MEASURED:
        if role in tables:
            frame, told = _of_file(tables[role], plan)
            frames.append(frame)
            remarks += [*told, *_of_ranges(frame, tables[role].name, plan)]
    if not frames:
        return empty_frame(LABORATORY_COLUMNS), ()
    order = ["subject", "phase", "test", "day", "value", "indicator"]
    whole = pd.concat(frames, ignore_index=True)
    return whole.sort_values(order, ignore_index=True, kind="stable"), tuple(remarks)


def _of_file(table: MappedTable, plan: AnalysisPlan) -> tuple[pd.DataFrame, list[Remark]]:
    """The values of one file, and why other rows are not among them."""
    named = of_the_plan(table, plan)
    rows = table.frame[named]
    remarks = [
        *_left_out(
            ~named, table, "Values of tests that the plan does not name", "`safety.laboratory`"
        ),
        *_left_out(rows["result"].isna(), table, "Rows of the tests of the plan without a value"),
    ]
    rows = rows[rows["result"].notna()]
    frame = _typed(rows, table, plan)
    undated = frame["day"].isna() & ~frame["baseline"].eq(other=True)
    remarks += _left_out(undated, table, "Values without a day that are not marked as baseline")
    frame = frame[~undated]
    again = frame.duplicated()
    remarks += _left_out(again, table, "Values that repeat another value of the same day")
    return frame[~again], remarks


def _typed(rows: pd.DataFrame, table: MappedTable, plan: AnalysisPlan) -> pd.DataFrame:
    def told(field: str) -> pd.Series:
        return rows[field] if table.has(field) else pd.Series(None, rows.index, dtype=object)

    flags = folded(told("baseline_flag"))
    flagged = flags.isin(YES).astype(object) if table.has("baseline_flag") else None
    frame = pd.DataFrame(
        {
            "subject": rows["subject"],
            "phase": rows["phase"],
            "day": days_since_first_dose(rows["day"], plan.data).astype(float),
            "test": rows["test"],
            "value": numbers(rows["result"]),
            "unit": told("unit"),
            "low": numbers(told("range_low")),
            "high": numbers(told("range_high")),
            "indicator": folded(told("indicator")).map(INDICATORS),
            "baseline": flagged,
            "baseline_indicator": folded(told("baseline_indicator")).map(INDICATORS),
        },
        index=rows.index,
    )
    return frame.reset_index(drop=True)[list(LABORATORY_COLUMNS)]


def _left_out(which: pd.Series, table: MappedTable, what: str, key: str = "") -> Iterator[Remark]:
    """That rows are left out, if any are."""
    if which.any():
        yield Remark(
            f"{what} are left out: {COUNT}",
            where=table.name,
            remedy=f"Name the tests to show under {key}" if key else "",
            count=int(which.sum()),
            total=len(which),
            unit=UNIT,
        )


def _of_ranges(frame: pd.DataFrame, name: str, plan: AnalysisPlan) -> Iterator[Remark]:
    """Values that nothing calls low, normal or high, and those that are called so wrongly."""
    tests = plan.safety.laboratory if plan.safety is not None else {}
    for test, how in tests.items():
        rows = frame[frame["test"] == test]
        if how.normal_low is not None or how.normal_high is not None or rows.empty:
            continue
        ranged = rows["low"].notna() | rows["high"].notna()
        untold = ~ranged & rows["indicator"].isna()
        if untold.any():
            yield Remark(
                f"Values of test `{test}` without a reference range and an indicator are in no "
                f"shift table: {COUNT}",
                where=name,
                remedy="Give the range in the data, or under `safety.laboratory`",
                count=int(untold.sum()),
                total=len(rows),
                unit=UNIT,
                gravity="warning",
            )
        yield from _contradictions(rows, test, name)


def _contradictions(rows: pd.DataFrame, test: str, name: str) -> Iterator[Remark]:
    """Indicators that the ranges of the same rows speak against."""
    below, above = rows["value"] < rows["low"], rows["value"] > rows["high"]
    by_range = pd.Series("normal", rows.index).mask(below, "low").mask(above, "high")
    whole = rows["low"].notna() & rows["high"].notna() & rows["indicator"].notna()
    against = whole & (by_range != rows["indicator"])
    if against.any():
        yield Remark(
            f"Values of test `{test}` whose indicator is not what their range says: {COUNT}. The "
            "indicator counts",
            where=name,
            remedy="Compare the rule of the indicator with the range",
            count=int(against.sum()),
            total=len(rows),
            unit=UNIT,
            gravity="warning",
        )
