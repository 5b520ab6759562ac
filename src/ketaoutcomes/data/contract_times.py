"""Rules about days, events and times to event."""

from collections.abc import Iterator

from ketaoutcomes.data.assemble import FALSE_LABELS, TRUE_LABELS
from ketaoutcomes.data.contract_parts import Contract, faulty_rows
from ketaoutcomes.data.mapping import numbers
from ketaoutcomes.errors import Problem


def days_are_study_days(contract: Contract) -> Iterator[Problem]:
    """A day is a number; where the first dose is on day 1 there is no day 0."""
    for table in contract.holding("day"):
        day = numbers(table.frame["day"])
        yield from faulty_rows(
            table,
            "day",
            table.frame["day"].notna() & day.isna(),
            "a study day, a number",
            "correct the day, or leave it empty to use the visit's nominal day",
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
            "correct the time, or leave the subject out with `data.keep.times`",
        )


def event_is_zero_or_one(contract: Contract) -> Iterator[Problem]:
    """The event or censoring indicator is 0 or 1, or true or false."""
    for field in ("occurred", "censored"):
        for table in contract.table("times", field):
            words = table.frame[field].str.lower()
            known = words.isin(TRUE_LABELS | FALSE_LABELS)
            if contract.plan.data.standard == "adam":  # values above 0 tell kinds of censoring
                known |= words.str.fullmatch(r"\d+").eq(other=True)
            yield from faulty_rows(
                table,
                field,
                ~known,
                "0 or 1, or true or false",
                "write 0 or 1 in the column; 1 means that the event "
                + ("occurred" if field == "occurred" else "was not seen (censored)"),
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
