"""Harms, doses and costs as frames of a cohort."""

from typing import Final

import pandas as pd

from ketaoutcomes.cohort import (
    ADVERSE_EVENT_COLUMNS,
    COST_COLUMNS,
    DEATH_COLUMNS,
    EXPOSURE_COLUMNS,
    empty_frame,
)
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.data.values import indicators
from ketaoutcomes.data.values.days import days_since_first_dose
from ketaoutcomes.data.values.indicators import folded
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.remarks import Remark

YES: Final = indicators.YES | {
    *("related", "possible", "probable", "definite", "certain"),
    *("possibly related", "probably related", "definitely related"),
}
NO: Final = indicators.NO | {
    *("none", "not related", "unrelated", "unlikely", "remote"),
    *("unlikely related", "not serious", "doubtful"),
}
"""Words of causality and seriousness; of the usual scales, unlikely and remote count as no."""
DIED: Final = frozenset(("dead", "died", "death", "deceased"))
LIVED: Final = frozenset(("alive", "living"))
FATAL: Final = "fatal"
SEVERITIES: Final = ("mild", "moderate", "severe")


def adverse_events(table: MappedTable | None, data: DataBlock) -> pd.DataFrame:
    """One row a harm; one of which it is not told whether it is related counts as related."""
    if table is None:
        return empty_frame(ADVERSE_EVENT_COLUMNS)
    frame = _with_all(table, ADVERSE_EVENT_COLUMNS)
    complete = frame.assign(
        day=days_since_first_dose(frame["day"], data),
        soc=frame["soc"].fillna("not coded"),
        severity=frame["severity"].str.casefold(),
        serious=folded(frame["serious"]).isin(YES),
        related=~folded(frame["related"]).isin(NO),
    )
    columns: tuple[str, ...] = ADVERSE_EVENT_COLUMNS
    if table.has("fatal"):
        columns = (*columns, FATAL)
        complete = complete.assign(fatal=_yes_or_no(frame[FATAL]))
    return _in_order(complete, columns, ["subject", "phase", "day", "soc", "term"])


def _yes_or_no(words: pd.Series) -> pd.Series:
    """True, False, or missing where nothing is told."""
    told: pd.Series = folded(words).isin(YES).astype(object)
    return told.mask(words.isna(), None)


def deaths(table: MappedTable | None) -> pd.DataFrame:
    """Whether each participant died, where the file of participants has a column of it.

    ADSL leaves DTHFL empty for whoever lived, so that an empty cell means no.
    """
    if table is None or not table.has("subject", "died"):
        return empty_frame(DEATH_COLUMNS)
    told = table.frame.dropna(subset=["subject"])
    died = folded(told["died"]).isin(YES | DIED).groupby(told["subject"]).any()
    return died.rename("died").rename_axis("subject").reset_index()


def harm_remarks(table: MappedTable | None) -> tuple[Remark, ...]:
    """What a report must say of harms that the data do not fully tell."""
    if table is None:
        return ()
    frame = _with_all(table, ADVERSE_EVENT_COLUMNS)
    words = {
        "day": ("The day of onset is", ""),
        "severity": ("The severity is", ""),
        "serious": ("Seriousness is", "; counted as not serious"),
        "related": ("The relation to treatment is", "; counted as related"),
    }
    untold = {field: int(frame[field].isna().sum()) for field in words}
    return (
        *_fatal_and_not_serious(table),
        *_repeated(table.name, frame),
        *(
            Remark(
                f"{words[field][0]} missing for {{count}} of {len(frame):,}{words[field][1]}",
                count=count,
                total=len(frame),
                unit="adverse event",
            )
            for field, count in untold.items()
            if count
        ),
    )


def _repeated(name: str, frame: pd.DataFrame) -> tuple[Remark, ...]:
    """Rows that say all the same of an event: a second event of the day, or a row written twice."""
    again = int((frame[list(ADVERSE_EVENT_COLUMNS)].duplicated() & frame["day"].notna()).sum())
    if not again:
        return ()
    return (
        Remark(
            "Numbers of events include rows that say the same of a participant's event on the same "
            "day as another row: {count}",
            where=name,
            remedy="If these are not further events, use one row with `data.take.adverse_events`",
            count=again,
            total=len(frame),
            unit="row",
        ),
    )


def _fatal_and_not_serious(table: MappedTable) -> tuple[Remark, ...]:
    """Fatal events without the flag of a serious one, which a fatal event is by definition."""
    if not table.has(FATAL):
        return ()
    frame = _with_all(table, ADVERSE_EVENT_COLUMNS)
    fatal = folded(frame[FATAL]).isin(YES)
    count = int((fatal & ~folded(frame["serious"]).isin(YES)).sum())
    if not count:
        return ()
    return (
        Remark(
            "The rows of serious events leave out fatal events that the data do not flag as "
            "serious: {count}. A fatal event is serious by definition (ICH E2A)",
            where=table.name,
            remedy="Correct the flag, or count the deaths from their own rows",
            count=count,
            unit="adverse event",
            gravity="warning",
        ),
    )


def exposure(table: MappedTable | None, data: DataBlock) -> pd.DataFrame:
    """One row a dose."""
    if table is None:
        return empty_frame(EXPOSURE_COLUMNS)
    frame = _with_all(table, EXPOSURE_COLUMNS)
    day = days_since_first_dose(frame["day"], data)
    complete = frame.assign(day=day, dose=numbers(frame["dose"]))
    return _in_order(complete, EXPOSURE_COLUMNS, ["subject", "phase", "day", "dose"])


def costs(table: MappedTable | None, data: DataBlock) -> pd.DataFrame:
    """One row a cost."""
    if table is None:
        return empty_frame(COST_COLUMNS)
    frame = _with_all(table, COST_COLUMNS)
    day = days_since_first_dose(frame["day"], data)
    complete = frame.assign(day=day, amount=numbers(frame["amount"]))
    return _in_order(complete, COST_COLUMNS, ["subject", "phase", "day", "item", "amount"])


def _with_all(table: MappedTable, columns: tuple[str, ...]) -> pd.DataFrame:
    """The frame with every column; one that the file lacks is missing throughout."""
    absent = {column: None for column in columns if column not in table.frame}
    frame = table.frame.assign(**absent)
    return frame.astype(dict.fromkeys(absent, object))


def _in_order(frame: pd.DataFrame, columns: tuple[str, ...], order: list[str]) -> pd.DataFrame:
    return frame[list(columns)].sort_values(order, ignore_index=True, kind="stable")
