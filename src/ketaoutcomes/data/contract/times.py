"""Rules about days, events and times to event."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.assemble import covariate_table, happened
from ketaoutcomes.data.contract.parts import (
    Contract,
    faulty_rows,
    in_column,
    repeated,
    whole_column,
)
from ketaoutcomes.data.findings import remedy_of_words
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.data.values.days import DAYS_PER_UNIT
from ketaoutcomes.data.values.indicators import EXPECTED, NO, YES, example_of_labels, folded
from ketaoutcomes.data.values.time_units import unit_of_times, units_told
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.data import DataBlock

MOST_WORDS: Final = 10
"""A column with more words than these does not say yes or no."""


def days_are_study_days(contract: Contract) -> Iterator[Problem]:
    """A day is a number; where the first dose is on day 1 there is no day 0."""
    for field in ("day", "treatment_day"):
        for table in contract.holding(field):
            yield from _study_days(table, field, contract.plan.data)


def _study_days(table: MappedTable, field: str, data: DataBlock) -> Iterator[Problem]:
    day = numbers(table.frame[field])
    yield from faulty_rows(
        table,
        field,
        table.frame[field].notna() & day.isna(),
        "a study day, a number",
        remedy_of_words(
            table.frame[field],
            "correct the day, or leave it empty to use the visit's nominal day",
        ),
    )
    if data.first_dose_day == 1 and data.day_unit == "days":
        yield from faulty_rows(
            table,
            field,
            (day > -1) & (day < 1),
            "study days, the first dose on day 1 and the day before on day `-1`",
            "if the first dose is on day 0 in these data, set `data.first_dose_day: 0`",
        )


def events_told(contract: Contract) -> Iterator[Problem]:
    """An event has a name and a day."""
    for field in ("event", "day"):
        for table in contract.table("events", "event", "day"):
            yield from faulty_rows(
                table,
                field,
                table.frame[field].isna(),
                f"{'an event' if field == 'event' else 'a day'} in every row",
                "fill it in, or remove the row",
            )


def times_told(contract: Contract) -> Iterator[Problem]:
    """A time is a number, there, and not negative."""
    for table in contract.table("times", "time"):
        time = numbers(table.frame["time"])
        yield from faulty_rows(
            table,
            "time",
            time.isna() | (time < 0),
            f"a time of 0 or more {unit_of_times(table, contract.plan.data)}",
            remedy_of_words(
                table.frame["time"],
                "correct the time, or leave the participant out with `data.where.times`",
            ),
        )


def unit_of_times_known(contract: Contract) -> Iterator[Problem]:
    """The unit of times is known, one, and that of the plan where the plan says one."""
    data = contract.plan.data
    for table in contract.table("times", "time"):
        units = dict(units_told(table))
        unknown = units.get("time_unit", pd.Series(dtype=object))
        for text in unknown[unknown.isna()].index:
            rows = table.frame.index[table.frame["time_unit"] == text]
            yield Problem(
                in_column(table, "time_unit", rows),
                f"a unit of time: {', '.join(DAYS_PER_UNIT)}",
                f"`{text}`",
                "write one of these in the file, or the times in days",
            )
        told = [
            (whole_column(table, field), str(text), unit)
            for field, read in units.items()
            for text, unit in read.dropna().items()
        ]
        if "time_unit" in data.model_fields_set:
            told.insert(0, ("the plan, data.time_unit", data.time_unit, data.time_unit))
        for place, text, unit in told[1:]:
            if unit != told[0][2]:
                yield Problem(
                    place,
                    f"times in {told[0][2]}, as {told[0][0]} says",
                    f"`{text}`",
                    "correct the one that is wrong; `data.where.times` keeps the rows of one unit",
                )


def event_is_yes_or_no(contract: Contract) -> Iterator[Problem]:
    """The event or censoring indicator says yes or no in every row."""
    for field in ("occurred", "censored"):
        for table in contract.table("times", field):
            words = folded(table.frame[field])
            known = words.isin(YES | NO)
            if contract.plan.data.standard == "adam":  # values above 0 tell kinds of censoring
                known |= words.str.fullmatch(r"\d+").eq(other=True)
            yield from faulty_rows(
                table,
                field,
                table.frame[field].isna(),
                f"{EXPECTED} in every row",
                "fill it in, or leave the row out with `data.where.times`",
            )
            yield from faulty_rows(
                table,
                field,
                ~known & table.frame[field].notna(),
                EXPECTED,
                _say_what_is_meant(contract, table, field),
            )


def _say_what_is_meant(contract: Contract, table: MappedTable, field: str) -> str:
    """How the plan says which words mean that the event occurred."""
    endpoints = contract.plan.endpoints.values()
    event = next((e.event_label for e in endpoints if e.kind == "time_to_event"), "")
    words = table.frame[field].dropna().unique()
    if len(words) > MOST_WORDS:
        return f"name the column that says whether the event occurred, `data.columns.{field}`"
    meaning = "the event occurred" if field == "occurred" else "the time is censored"
    codes = (
        "; or read the codes of SPSS with `data.labelled_values: codes`"
        if table.name.lower().endswith((".sav", ".zsav"))
        else ""
    )
    return (
        f"say under `data.labels` which of them mean that {meaning}, for example "
        f"{example_of_labels(words, field, event)}{codes}"
    )


def entry_before_time(contract: Contract) -> Iterator[Problem]:
    """Observation begins at a time that is known, not negative, and before it ends."""
    unit = contract.plan.data.time_unit
    for table in contract.table("times", "time", "entry"):
        entry, time = numbers(table.frame["entry"]), numbers(table.frame["time"])
        yield from faulty_rows(
            table,
            "entry",
            entry.isna() | (entry < 0),
            f"a time of entry of 0 or more {unit}; 0 for who was observed from the start",
            "correct the entry, or leave the row out with `data.where.times`",
        )
        late = (entry >= 0) & (time >= 0) & (entry >= time)
        yield from faulty_rows(
            table,
            "entry",
            late,
            "an entry before the end of the row's observation: nobody is at risk in a row of no "
            "length",
            "correct the entry or the time; both count from the same day, such as the diagnosis. "
            "Or leave these rows out: derive whether entry < time, and keep `yes` under "
            "`data.where.times`",
            found=(
                f"entry {a:g}, time {b:g}" for a, b in zip(entry[late], time[late], strict=True)
            ),
        )


def bounds_in_order(contract: Contract) -> Iterator[Problem]:
    """Of two bounds of an event the first is a number, not negative, and not after the second."""
    for table in contract.table("times", "time", "after"):
        after, time = numbers(table.frame["after"]), numbers(table.frame["time"])
        yield from faulty_rows(
            table,
            "after",
            table.frame["after"].notna() & ~(after >= 0),
            "a last time without the event of 0 or more; empty or 0 where none is known",
            "correct the time, or leave the row out with `data.where.times`",
        )
        late = (time >= 0) & (after > time)
        yield from faulty_rows(
            table,
            "after",
            late,
            "a last time without the event that is not after the first time with it",
            "correct one of the two; both count from the same day",
            found=(f"after {a:g}, by {b:g}" for a, b in zip(after[late], time[late], strict=True)),
        )


def intervals_in_order(contract: Contract) -> Iterator[Problem]:
    """The intervals of a subject do not overlap, and an event ends the last of them."""
    for table in contract.table("times", "subject", "phase", "time", "entry"):
        rows = table.frame[["subject", "phase"]].assign(
            entry=numbers(table.frame["entry"]),
            time=numbers(table.frame["time"]),
            event=happened(table.frame),
        )
        rows = rows.sort_values(["subject", "phase", "entry", "time"], kind="stable")
        own = rows.groupby(["subject", "phase"])
        overlap = (rows["entry"] < own["time"].shift()).reindex(table.frame.index)
        yield from faulty_rows(
            table,
            "entry",
            overlap,
            "intervals of a participant that follow one another: each begins when the one before "
            "it has ended",
            "correct `entry` or `time`; a covariate that changes on a day begins a new interval "
            "there",
        )
        earlier = (rows["event"] & own["entry"].shift(-1).notna()).reindex(table.frame.index)
        yield from faulty_rows(
            table,
            "time",
            earlier,
            "one event per participant, in the last of its intervals",
            "remove the rows after the event; analyse events that recur with an `events` file and "
            "a `recurrent_events` endpoint",
        )


def intervals_complete(contract: Contract) -> Iterator[Problem]:
    """A covariate that some interval of a subject tells, each of them tells."""
    for table in contract.table("times", "subject", "entry"):
        for name in contract.plan.data.file_columns.covariates:
            if covariate_table(name, contract.tables) is not table:
                continue
            told = table.frame[name].notna().groupby(table.frame["subject"])
            yield from faulty_rows(
                table,
                name,
                told.transform("any") & table.frame[name].isna(),
                f"a value of `{name}` in each interval of a participant",
                "repeat the value in every row for which it holds",
            )


def one_time_a_subject(contract: Contract) -> Iterator[Problem]:
    """The times file has one row a subject and phase, unless it tells when each row begins."""
    for table in contract.table("times", "subject", "phase"):
        if table.has("entry"):
            continue
        yield from faulty_rows(
            table,
            "subject",
            table.frame.duplicated(["subject", "phase"]) & table.frame["subject"].notna(),
            "one row per participant",
            repeated(
                table,
                "name the parameter to analyse under `data.where.times`; of rows that are "
                "intervals of observation, name the column of their start under "
                "`data.columns.entry`; of several rows use one with `data.take.times`",
            ),
        )
