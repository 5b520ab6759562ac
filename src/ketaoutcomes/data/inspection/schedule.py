"""The visits of a proposed phase, and where its baseline stands."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from ketaoutcomes.data.inspection.column_words import BASELINE_WORDS
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.scales import ScaleGuess
from ketaoutcomes.data.inspection.visits import VisitLabels, visit_labels

BASELINE: Final = "Baseline"
FIRST_DOSE_ON_DAY_ONE: Final = 1


@dataclass(frozen=True)
class Schedule:
    """Visits of a phase in order, and the part of the data block that tells them.

    Attributes
    ----------
    visits : dict of str to dict
        Visit -> `{day: ...}` or `{hours: ...}`.
    labels : dict of str to str
        Label in the data -> visit.
    data : dict
        Keys of the data block: `first_dose_day`, `day_unit`, `visit_windows`.
    has_baseline : bool
        Whether a visit of the data is the baseline.
    left_out : tuple of str
        Labels of visits of which the file says no day.
    remarks : tuple of str
        What could not be told of the visits.
    none_measured : Question or None
        What was asked of a baseline that the file may not hold.
    gap : str
        What stands in place of the visits as long as their order is open.
    """

    visits: dict[str, dict[str, float]]
    labels: dict[str, str]
    data: dict[str, Any]
    has_baseline: bool
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    none_measured: Question | None = None
    gap: str = ""


FIRST: Final = "first visit"
THIS_ORDER: Final = "this order"
NONE: Final = "none"


def ask_baseline(asked: Asked, first: str, day: float, *, dated: bool) -> Question:
    """Decide whether the first visit is before treatment, where nothing else is a baseline.

    Parameters
    ----------
    first : str
        The name of the first visit.
    day : float
        Its days after the first dose.
    dated : bool
        Whether its label or a column says so, and not a mere number of visits.
    """
    evident = (FIRST if day <= 0 else NONE) if dated else ""
    when = "on the day of the first dose or before" if day <= 0 else "after the first dose"
    return asked.decide(
        "baseline",
        f"Was the first visit, `{first}`, before treatment?",
        (
            Choice(FIRST, f"`{first}` is the baseline, and changes from it are analysed"),
            Choice(NONE, "no baseline was measured, and the scores themselves are analysed"),
        ),
        evident=evident,
        because=f"`{first}` is {when}" if dated else "",
    )


def ask_baseline_column(asked: Asked, name: str) -> Question:
    """Ask whether a column that is called a baseline is that of the score."""
    return asked.decide(
        "baseline",
        f"Is `{name}` the baseline of the score?",
        (
            Choice(name, "changes from it are analysed"),
            Choice(NONE, "no baseline was measured, and the scores themselves are analysed"),
        ),
        default=name,
    )


def ask_which_baseline(asked: Asked, names: tuple[str, ...]) -> Question:
    """Ask which of several columns that are called a baseline is that of the score."""
    return asked.decide(
        "baseline",
        "Several columns are called after a baseline. Which one is that of the score?",
        (
            *(Choice(name, "changes from it are analysed") for name in names),
            Choice(NONE, "no baseline was measured, and the scores themselves are analysed"),
        ),
        default=names[-1],
    )


def ask_baseline_of_changes(asked: Asked, guess: Guess, first: str, day: str) -> Question | None:
    """Ask whether scores that may be changes already have their baseline before the first visit.

    Parameters
    ----------
    first : str
        The label of the first visit in the data.
    day : str
        What the plan would call it if it were no baseline.

    Returns
    -------
    Question or None
        None where the scores of the first visit are 0, as changes from baseline are there.
    """
    visit = guess.column("visit")
    assert visit is not None
    here = guess.columns[guess.scores[0]].number[visit.text == first].dropna()
    if not here.any():
        return None
    share = "most" if float((here < 0).mean()) > 1 / 2 else "some"
    return asked.decide(
        "baseline",
        f"Scores of `{guess.scores[0]}` have both signs, {share} at `{day}` are below 0, and a "
        "change from baseline is 0 at the baseline. Are they changes already?",
        (
            Choice(FIRST, f"they are scores, and changes from `{day}` are analysed"),
            Choice(NONE, f"they are changes from a score before `{day}`, and are analysed so"),
        ),
        default=NONE,
    )


def long_schedule(guess: Guess, by_column: bool, *, of_changes: bool = False) -> Schedule:
    """Visits of a long file.

    Parameters
    ----------
    by_column : bool
        Whether the baseline stands in a column.
    of_changes : bool
        Whether the scores may be changes from a baseline that the file does not hold.
    """
    visit, day = guess.column("visit"), guess.column("day")
    assert visit is not None
    told = visit_labels(visit, day)
    data: dict[str, Any] = {}
    days = dict(told.days)
    if day is not None:
        first = 0 if (day.number == 0).any() else FIRST_DOSE_ON_DAY_ONE
        days = {name: at if at < 0 else at - first for name, at in days.items()}
        data |= {"first_dose_day": 0} if first == 0 else {}
    elif told.timed and set(told.labels) != set(visit.counts.index):
        data |= {"day_unit": f"{told.unit}s", "visit_windows": {"ties": "earlier"}}
        data |= {"first_dose_day": 0} if told.unit == "day" else {}
    order = _ask_order_of_visits(guess.asked, told)
    days, told, asks = _before_treatment(guess.asked, days, told, by_column=by_column)
    if asks is not None:
        pass
    elif BASELINE not in days and not by_column and days:
        earliest = min(days, key=lambda name: days[name])
        dated = not told.ordered and (day is not None or told.dated(earliest))
        dated = dated and not guess.earlier
        asks = ask_baseline(guess.asked, earliest, days[earliest], dated=dated)
    elif of_changes and BASELINE in days:
        shown = next(label for label, name in told.labels.items() if name == BASELINE)
        named = f"{(told.unit or visit.name).capitalize()} {shown}"
        asks = ask_baseline_of_changes(guess.asked, guess, shown, named)
        if asks is not None and asks.taken != FIRST:
            days, told = _without_baseline(days, told, named)
    measured = asks is None or asks.taken not in ("", NONE)
    by_column |= not measured
    schedule = _with_baseline(days, told.labels, data, by_column)
    none = None if measured else asks
    known = order is None or order.taken == THIS_ORDER
    unit = () if day is not None or told.dated_all else (_no_unit(visit.name),)
    return replace(
        schedule,
        left_out=(*told.left_out, *told.before_baseline),
        remarks=(*told.remarks, *(() if told.ordered else unit), *_earlier(guess)),
        none_measured=none,
        gap="" if known or order is None else order.gap,
    )


def _ask_order_of_visits(asked: Asked, told: VisitLabels) -> Question | None:
    """Ask for the order of visits that say no day, unless a word of each says its place."""
    later = [label for label, visit in told.labels.items() if visit != BASELINE]
    if not told.ordered or len(later) < len("ab") or told.says_order:
        return None
    named = ", ".join(f"`{visit}`" for visit in told.days)
    return asked.decide(
        "visits",
        f"The visits say no day. Is this their order: {named}?",
        (
            Choice(THIS_ORDER, "each is put 7 days after the one before"),
            Choice("another order", "write them under `visits` of the phase, each with its day"),
        ),
    )


def _earlier(guess: Guess) -> tuple[str, ...]:
    """That another file may hold the baseline."""
    if not guess.earlier:
        return ()
    return (
        f"`{guess.earlier}` holds `{guess.scores[0]}` in 1 row of each participant, which may be "
        "the baseline: join it by a SELECT, and name it as `baseline`",
    )


def _before_treatment(
    asked: Asked, days: dict[str, float], told: VisitLabels, *, by_column: bool
) -> tuple[dict[str, float], VisitLabels, Question | None]:
    """The visits from the baseline on; which of several before treatment it is, is asked."""
    if BASELINE in days:
        return *_from(days, told, BASELINE), None
    early = [visit for visit, at in days.items() if at <= 0]
    if 0.0 not in days.values() and told.dated_all:
        early += [visit for visit, at in days.items() if at == FIRST_DOSE_ON_DAY_ONE]
    if by_column or len(early) < len("ab") or told.ordered:
        return days, told, None
    question = asked.decide(
        "baseline",
        "Several visits are at the first dose or before. Which one is the baseline?",
        (
            *(
                Choice(v, "changes from it are analysed; earlier visits are left out")
                for v in early
            ),
            Choice(NONE, "no baseline was measured, and the scores themselves are analysed"),
        ),
        default=early[-1],
    )
    if question.taken in ("", NONE):
        return days, told, question
    return *_from(days, told, question.taken), question


def _from(
    days: dict[str, float], told: VisitLabels, first: str
) -> tuple[dict[str, float], VisitLabels]:
    """The visits from one on; those before it are left out, which is said."""
    earlier = {visit for visit, at in days.items() if at < days[first]}
    if not earlier:
        return days, told
    kept = {visit: at for visit, at in days.items() if visit not in earlier}
    labels = {label: visit for label, visit in told.labels.items() if visit not in earlier}
    before = tuple(label for label in told.labels if label not in labels)
    return kept, replace(told, labels=labels, days=kept, before_baseline=before)


VARIED: Final = "varied"


def condition_schedule(
    asked: Asked, labels: tuple[str, ...], named: str
) -> tuple[Schedule, Question]:
    """Conditions that participants had one after the other, in the order that is answered.

    The first one is what the others are compared with.
    """
    orders = [labels] if len(labels) > len("ab") else [labels, labels[::-1]]
    written = {", then ".join(order): order for order in orders}
    question = asked.decide(
        "order",
        f"In which order did all participants have {named}?",
        [
            *(Choice(words, "the same for all, so the difference is also one of time")
              for words in written if words),
            Choice(VARIED, "it differed, and no column holds it"),
        ],
    )  # fmt: skip
    order = written.get(question.taken, labels)
    visits = {label: _at(7.0 * place) for place, label in enumerate(order)}
    return Schedule(visits, {label: label for label in order}, {}, has_baseline=True), question


def _without_baseline(
    days: dict[str, float], told: VisitLabels, named: str
) -> tuple[dict[str, float], VisitLabels]:
    """The first visit as one after baseline, all of them later by the shortest step of visits."""
    at = sorted(days.values())
    step = min((b - a for a, b in pairwise(at) if b > a), default=7.0)
    later = {named if v == BASELINE else v: day + step for v, day in days.items()}
    labels = {label: named if v == BASELINE else v for label, v in told.labels.items()}
    return later, replace(told, labels=labels)


def _no_unit(column: str) -> str:
    return (
        f"the file has no unit of `{column}`: its numbers are taken as weeks of 7 days under "
        "`visits`; another unit would change the days in the report, but no comparison of arms "
        "at a visit"
    )


def _with_baseline(
    days: dict[str, float], labels: dict[str, str], data: dict[str, Any], by_column: bool
) -> Schedule:
    """The schedule from its baseline on; without one the first visit is it."""
    has = BASELINE in days
    if not has and not by_column and days:
        first = min(days, key=lambda name: days[name])
        days = {BASELINE if name == first else name: at for name, at in days.items()}
        labels = {label: BASELINE if name == first else name for label, name in labels.items()}
        has = True
    start = days.get(BASELINE, 0.0)
    later = {name: max(at - min(start, 0.0), 0.0) for name, at in days.items() if name != BASELINE}
    shift = start if start > 0 else 0.0
    visits = {BASELINE: _at(0.0)} | {name: _at(at - shift) for name, at in later.items()}
    return Schedule(visits, labels, data, has)


def wide_schedule(days: dict[str, float]) -> dict[str, dict[str, float]]:
    """Visits of a wide file."""
    return _with_baseline(days, {}, {}, by_column=True).visits


def _at(days: float) -> dict[str, float]:
    """A visit on a day, or some hours after the first dose."""
    if days < 0:
        return {"hours": 0}
    if days == int(days) or days > 1:
        return {"day": int(days) + 1}
    hours = round(days * 24, 2)
    return {"hours": int(hours) if hours == int(hours) else hours}


def baseline_columns(guess: Guess) -> dict[str, str]:
    """Score -> the column of its baseline, by name."""
    found: dict[str, str] = {}
    candidates = [
        c for c in guess.columns.values() if c.constant and c.numeric and _says_baseline(c.words)
    ]
    for score in guess.scores:
        words = guess.columns[score].words
        shared = {c.name: len(words & c.words) for c in candidates}
        own = sorted((c for c in candidates if shared[c.name]), key=lambda c: -shared[c.name])
        best = own or (candidates if len(guess.scores) == 1 else [])
        if best:
            found[score] = best[0].name
    return found


def _says_baseline(words: frozenset[str]) -> bool:
    return bool(words & set(BASELINE_WORDS))


def baseline_score(scale: ScaleGuess) -> int | None:
    """Everyone's score at baseline where that is so by definition."""
    if scale.definition is not None and scale.definition["high"] == 1:
        return 1
    return 0 if scale.change else None
