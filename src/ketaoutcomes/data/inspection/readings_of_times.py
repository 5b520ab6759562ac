"""The readings of a plan whose outcome is a time: its unit, its event, and what ended follow-up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ketaoutcomes.data.inspection.amounts import about, by_arm, in_digits, mean_of, share_of
from ketaoutcomes.data.inspection.of_times import OF_DAYS, TIME_UNITS
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column
from ketaoutcomes.data.inspection.proposed import Proposed
from ketaoutcomes.data.inspection.reading import Reading, answered
from ketaoutcomes.data.values.days import DAYS_PER_UNIT
from ketaoutcomes.plan.gaps import MARK

if TYPE_CHECKING:
    import pandas as pd

    from ketaoutcomes.plan.data import TimeUnit

OF_AN_ANALYSIS: Final = ("estimand", "role", "model", "all_arms", "rmst_days", "cluster")


def of_times(seen: Proposed) -> Iterator[Reading]:
    """Every reading of a time to an event, or of rows of start and stop."""
    yield from _outcome(seen)
    yield from _unit(seen)
    yield from _event(seen)
    yield from _ended(seen)
    yield from _model(seen)


def _outcome(seen: Proposed) -> Iterator[Reading]:
    settles = (
        *(("data", "columns", "time"), ("data", "columns", "day"), ("data", "columns", "entry")),
        *(("data", "columns", "parameter"), ("endpoints", "*")),
    )
    time = seen.guess.columns[seen.guess.roles["time"]]
    follows = f"{about(len(time.told))} times with a mean of {_mean_times(seen, time)}"
    question = seen.question("time") or seen.question("outcome")
    if question is not None:
        yield answered("outcome", question, follows, *settles)
    else:
        why = "each row begins where the one before it stopped"
        why = why if seen.guess.kind == "intervals" else "the file holds no other"
        yield Reading("time", f"`{time.name}` is the time", why, follows, settles)


def _mean_times(seen: Proposed, time: Column) -> str:
    return by_arm(time.number, seen.arms_of_rows)


def _unit(seen: Proposed) -> Iterator[Reading]:
    time = seen.guess.columns[seen.guess.roles["time"]]
    unit = seen.data.get("time_unit", "days")
    if str(unit).startswith(MARK):
        return
    of_adam = seen.data.get("standard") == "adam"
    because = (
        "ADaM has days where it says no other unit"
        if of_adam
        else "its name says so"
        if time.words & (OF_DAYS | TIME_UNITS.keys())
        else "the file has no unit of it: `time_unit` changes it"
    )
    mean = time.number.dropna()
    if len(mean) < SMALLEST_GROUP:
        follows = f"{mean_of(time.number)}"
    else:
        days = float(mean.mean()) * DAYS_PER_UNIT[unit]
        other: TimeUnit = "weeks" if unit == "days" else "days"
        follows = (
            f"the mean is {in_digits(days)} days; were it in {other}, "
            f"{in_digits(float(mean.mean()) * DAYS_PER_UNIT[other])} days"
        )
    settles = (("data", "time_unit"), ("data", "columns", "time_unit"), ("data", "first_dose_day"))
    question = seen.question("unit")
    if question is not None:
        yield answered("unit", question, follows, *settles)
        return
    yield Reading("unit", f"`{time.name}` is in {unit}", because, follows, settles)


def _event(seen: Proposed) -> Iterator[Reading]:
    settles = (
        *(("data", "columns", "occurred"), ("data", "columns", "censored")),
        *(("data", "columns", "event"), ("data", "labels", "occurred")),
        *(("data", "columns", "reason"), ("analyses", "*", "competing")),
    )
    field = "occurred" if "occurred" in seen.guess.roles else "censored"
    mark = seen.guess.columns[seen.guess.roles[field]]
    for key in ("event_column", "censored"):
        question = seen.question(key)
        if question is not None:
            yield answered("event", question, _counts(mark), *settles)
    question = seen.question("event")
    if question is not None:
        yield answered("event", question, _by_arm(seen, mark), *settles)
    elif isinstance(seen.columns.get(field, ""), str):
        yield Reading("event", *_in_words(seen, mark), _by_arm(seen, mark), settles)


def _in_words(seen: Proposed, mark: Column) -> tuple[str, str]:
    told = seen.data.get("labels", {}).get("occurred", {})
    words = [str(word) for word, yes in told.items() if yes] if isinstance(told, dict) else []
    if not words and _denies(seen):
        return f"0 of `{mark.name}` is the event", "the column says 1 of those who are censored"
    named = ", ".join(f"`{word}`" for word in words) or "1"
    return f"{named} of `{mark.name}` is the event", "of its words or codes it says so"


def _denies(seen: Proposed) -> bool:
    """Whether a 1 says that the event was not seen."""
    by_role = "censored" in seen.guess.roles and "occurred" not in seen.columns
    return by_role or "censored" in seen.columns


def _counts(mark: Column) -> str:
    """Rows of each value that may be shown."""
    shown = ", ".join(f"`{v}` {about(int(mark.counts[v]))} rows" for v in mark.labels())
    return shown or f"{len(mark.counts)} values of few rows each"


def _by_arm(seen: Proposed, mark: Column) -> str:
    """Events as the plan reads them, in each arm."""
    happened = _happened(seen, mark)
    if happened is None:
        return _counts(mark)
    arms = seen.arms_of_rows
    rows = by_arm(happened, arms, shares=True) if arms else share_of(happened)
    what = "participants" if seen.guess.kind == "times" else "rows"
    return f"events of {what}: {rows}"


def _happened(seen: Proposed, mark: Column) -> "pd.Series | None":
    """1 where the plan reads an event, 0 where not; None as long as that is open."""
    told = seen.data.get("labels", {}).get("occurred")
    if isinstance(told, dict):
        return mark.text.map({str(word): float(yes) for word, yes in told.items()}).astype(float)
    if mark.binary:
        return 1 - mark.number if _denies(seen) else mark.number
    question = seen.question("event")
    if question is None:
        return None
    return mark.text.eq(question.taken).astype(float).where(mark.text.notna())


def _ended(seen: Proposed) -> Iterator[Reading]:
    question = seen.question("ended")
    field = "occurred" if "occurred" in seen.guess.roles else "censored"
    mark = seen.guess.columns[seen.guess.roles[field]]
    happened = _happened(seen, mark)
    without = share_of(1 - happened) if happened is not None else about(seen.people)
    if question is not None:
        yield answered("follow-up", question, f"without the event: {without}")


def _model(seen: Proposed) -> Iterator[Reading]:
    analyses = seen.plan.get("analyses")
    analysis: Any = next(iter(analyses.values()), {}) if isinstance(analyses, dict) else {}
    if not analysis:
        return
    to = analysis.get("rmst_days")
    known = isinstance(to, (int, float))
    until = f"; the restricted mean goes to day {to:g}" if known else ""
    arms = len(seen.arms.names)
    yield Reading(
        "model",
        f"the model is {analysis['model']}",
        "the outcome is a time with its event"
        if to is not None
        else "participants have several events",
        f"arms: {arms}; participants: {about(seen.people)}{until}",
        (
            *(("analyses", "*", key) for key in OF_AN_ANALYSIS),
            *(("estimands", "*", "summary"), ("estimands", "*", "endpoint")),
            ("data", "columns", "covariates"),
        ),
    )
