"""Rules about days, events and times to event."""

from collections.abc import Iterator

from ketaoutcomes.data.assemble import FALSE_LABELS, TRUE_LABELS, covariate_table, happened
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
            "correct the entry, or leave the row out with `data.keep.times`",
        )
        late = (entry >= 0) & (time >= 0) & (entry >= time)
        yield from faulty_rows(
            table,
            "entry",
            late,
            "an entry before the end of the row's observation: nobody is at risk in a row of no "
            "length",
            "correct the entry or the time; both count from the same day, such as the diagnosis",
            found=(
                f"entry {a:g}, time {b:g}" for a, b in zip(entry[late], time[late], strict=True)
            ),
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
            "intervals of a subject that follow one another: each begins when the one before it "
            "has ended",
            "correct `entry` or `time`; a covariate that changes on a day begins a new interval "
            "there",
        )
        earlier = (rows["event"] & own["entry"].shift(-1).notna()).reindex(table.frame.index)
        yield from faulty_rows(
            table,
            "time",
            earlier,
            "one event for each subject, in the last of its intervals",
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
                f"a value of `{name}` in each interval of a subject",
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
            "one row for each subject",
            "name the parameter to analyse under `data.keep.times`; of rows that are intervals of "
            "observation, name the column of their start under `data.columns.entry`",
        )
