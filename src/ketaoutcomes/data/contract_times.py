"""Rules about days, events and times to event."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.data.contract_parts import Contract, faulty_rows
from ketaoutcomes.data.findings import remedy_of_words
from ketaoutcomes.data.indicators import EXPECTED, NO, YES, example_of_labels, folded
from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.errors import Problem

MOST_WORDS: Final = 10
"""A column with more words than these does not say yes or no."""


def days_are_study_days(contract: Contract) -> Iterator[Problem]:
    """A day is a number; where the first dose is on day 1 there is no day 0."""
    for table in contract.holding("day"):
        day = numbers(table.frame["day"])
        yield from faulty_rows(
            table,
            "day",
            table.frame["day"].notna() & day.isna(),
            "a study day, a number",
            remedy_of_words(
                table.frame["day"],
                "correct the day, or leave it empty to use the visit's nominal day",
            ),
        )
        data = contract.plan.data
        if data.first_dose_day == 1 and data.day_unit == "days":
            yield from faulty_rows(
                table,
                "day",
                (day > -1) & (day < 1),
                "study days, the first dose on day 1 and the day before on day -1",
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
            f"a time of 0 or more {contract.plan.data.time_unit}",
            remedy_of_words(
                table.frame["time"],
                "correct the time, or leave the subject out with `data.keep.times`",
            ),
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
                "fill it in, or leave the row out with `data.keep.times`",
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
        "; or read the codes of SPSS with `data.value_labels: codes`"
        if table.name.lower().endswith((".sav", ".zsav"))
        else ""
    )
    return (
        f"say under `data.labels` which of them mean that {meaning}, for example "
        f"{example_of_labels(words, field, event)}{codes}"
    )


def one_time_a_subject(contract: Contract) -> Iterator[Problem]:
    """The times file has one row a subject and phase."""
    for table in contract.table("times", "subject", "phase"):
        yield from faulty_rows(
            table,
            "subject",
            table.frame.duplicated(["subject", "phase"]) & table.frame["subject"].notna(),
            "one row for each subject",
            "name the parameter to analyse under `data.keep.times`",
        )
