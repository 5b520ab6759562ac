"""The readings of a plan whose outcome is a score: scale, direction, visits, baseline, result."""

from collections.abc import Iterator
from typing import Any

from ketaoutcomes.data.inspection.amounts import about, by_arm
from ketaoutcomes.data.inspection.proposed import Proposed
from ketaoutcomes.data.inspection.reading import Reading, answered
from ketaoutcomes.data.inspection.schedule import BASELINE
from ketaoutcomes.plan.gaps import MARK
from ketaoutcomes.scales import SCALES

SCALE_OF_PLAN = ("scales", "*")


def of_scores(seen: Proposed) -> Iterator[Reading]:
    """Every reading of the scores, empty as long as it is open what is analysed."""
    if seen.guess.kind == "open":
        yield from _decided_already(seen)
        return
    yield from _outcome(seen)
    yield from _scale(seen)
    yield from _direction(seen)
    yield from _yes_or_no(seen)
    yield from _visits(seen)
    yield from _baseline(seen)
    yield from _result(seen)
    yield from _model(seen)


def _decided_already(seen: Proposed) -> Iterator[Reading]:
    """Answers to questions about an outcome that is still open."""
    for key in ("outcome", "event", "better", "time", "event_column"):
        question = seen.question(key)
        if question is not None:
            yield answered("outcome", question, f"{about(seen.people)} participants")


def _outcome(seen: Proposed) -> Iterator[Reading]:
    settles = (
        *(("data", "columns", "value"), ("data", "columns", "scores"), ("data", "labels", "scale")),
        *(("endpoints", "*", "kind"), ("endpoints", "*", "phase"), ("endpoints", "*", "scale")),
        *(("scales", "*", "label"), ("scales", "*", "source"), ("estimands", "*", "endpoint")),
    )
    question = seen.question("outcome")
    known = sum(int(values.notna().sum()) for values in seen.scores.values())
    rows = sum(len(values) for values in seen.scores.values())
    follows = f"{about(known)} values and {about(rows - known)} empty; {seen.course()}"
    if question is not None:
        yield answered("outcome", question, follows, *settles)
    else:
        named = ", ".join(f"`{name}`" for name in _score_columns(seen))
        why = "the file holds no other score"
        yield Reading("outcome", f"the score is in {named}", why, follows, settles)
    others = seen.guess.scores[1:]
    if others:
        named = ", ".join(f"`{name}`" for name in others)
        yield Reading(
            "outcome",
            f"{named} can be read as other scores",
            "they are on scales that are known",
            f"{len(others)} more; the plan analyses the first one",
        )


def _score_columns(seen: Proposed) -> tuple[str, ...]:
    wide = seen.guess.wide
    return tuple(wide[0].columns.values()) if wide else seen.guess.scores[:1]


def _scale(seen: Proposed) -> Iterator[Reading]:
    endpoint: Any = next(iter(seen.plan.get("endpoints", {}).values()), {})
    name = endpoint.get("scale", "") if isinstance(endpoint, dict) else ""
    lows = [float(v.min()) for v in seen.scores.values() if v.notna().any()]
    if name in SCALES and name not in seen.plan.get("scales", {}):
        scale = SCALES[name]
        yield Reading(
            "scale",
            f"the score is on {name}, on which {scale.better} is better",
            "its name says so, and no value lies outside",
            f"the scale has {scale.low:g} to {scale.high:g}; {seen.course()}",
        )
        return
    for scale_name, told in seen.plan.get("scales", {}).items():
        if not isinstance(told, dict):
            continue
        below = "some are below 0" if lows and min(lows) < 0 else "none is below 0"
        yield Reading(
            "bounds",
            f"`{scale_name}` has {told['low']} to {told['high']}",
            f"these are round numbers around the data, and {below}",
            f"write those of the scale; another range than {told['low']} to {told['high']} "
            "changes the axes of figures, and no mean",
            ((*SCALE_OF_PLAN, "low"), (*SCALE_OF_PLAN, "high")),
        )


def _direction(seen: Proposed) -> Iterator[Reading]:
    settles = ((*SCALE_OF_PLAN, "better"), ("endpoints", "*", "event_is"))
    question = seen.question("better")
    ways = [s.get("better") for s in seen.plan.get("scales", {}).values() if isinstance(s, dict)]
    if question is not None:
        follows = f"{seen.course()}; in the other direction each result favours the other arm"
        yield answered("direction", question, follows, *settles)
    elif ways and not str(ways[0]).startswith(MARK):
        yield Reading(
            "direction",
            f"{ways[0]} is better",
            "the name of the score is that of a good outcome",
            seen.course(),
            settles,
        )


def _yes_or_no(seen: Proposed) -> Iterator[Reading]:
    question = seen.question("event")
    settles = (
        ("data", "labels", "value"),
        ("endpoints", "*", "at_least"),
        ("endpoints", "*", "event_label"),
    )
    if question is not None:
        yield answered("yes or no", question, seen.course(), *settles)
        return
    told = seen.data.get("labels", {}).get("value")
    if not seen.of_two:
        return
    words = [str(word) for word, one in told.items() if one] if isinstance(told, dict) else ["1"]
    because = "of the two words it says yes" if isinstance(told, dict) else "values are 0 and 1"
    counts = ", ".join(f"`{word}`" for word in words)
    yield Reading("yes or no", f"{counts} is counted", because, seen.course(), settles)


def _visits(seen: Proposed) -> Iterator[Reading]:
    settles = (
        *(("data", "columns", "visit"), ("data", "columns", "day"), ("data", "labels", "visit")),
        *(("data", "where"), ("data", "first_dose_day"), ("data", "day_unit")),
        *(("data", "visit_windows"), ("data", "diary"), ("phases", "*", "visits")),
    )
    for question in filter(None, map(seen.question, ("visit", "visits"))):
        yield answered("visits", question, seen.course(), *settles)
    visit = seen.guess.column("visit")
    if not seen.visits and visit is not None and "visit" in seen.columns:
        says, because = _why_visits(seen)
        yield Reading("visits", says, because, f"{len(visit.counts)} labels", settles)
    if not seen.visits:
        return
    by_column = seen.wide_columns
    named = {v: f"`{v}` (`{by_column[v]}`)" if v in by_column else f"`{v}`" for v in seen.visits}
    days = ", ".join(
        f"{named[v]} on {_when(at)}{_how_many(seen, v)}" for v, at in seen.visits.items()
    )
    yield Reading("visits", *_why_visits(seen), days, settles)
    yield from _left_out(seen)


def _when(at: dict[str, float]) -> str:
    return f"day {at['day']:g}" if "day" in at else f"hour {at.get('hours', 0):g}"


def _how_many(seen: Proposed, visit: str) -> str:
    values = seen.scores.get(visit)
    return f" ({about(int(values.notna().sum()))} values)" if values is not None else ""


def _why_visits(seen: Proposed) -> tuple[str, str]:
    """Where visits come from, and why they have their days."""
    guess, day = seen.guess, seen.guess.column("day")
    visit = guess.column("visit")
    if "diary" in seen.data:
        return "days become weeks", "most entries follow each other by one day"
    if guess.wide and guess.kind in ("wide", "pairs"):
        why = "names of columns show the order" + ("" if guess.wide[0].unit else ", and no unit")
        return f"the columns of `{guess.wide[0].name}` are its visits", why
    if visit is None or guess.kind in ("one outcome", "periods"):
        return "the score is that of one visit", "no column holds a visit"
    if day is not None:
        return f"`{visit.name}` holds the visit", f"`{day.name}` has the median day of each"
    if guess.of_conditions:
        return f"`{visit.name}` holds the condition", "participants have each once"
    return f"`{visit.name}` holds the visit", "none has two rows of a participant; labels say days"


def _left_out(seen: Proposed) -> Iterator[Reading]:
    """Rows of visits that the plan does not have."""
    visit = seen.guess.column("visit")
    if visit is None or seen.guess.kind != "long" or "diary" in seen.data:
        return
    used = sum(len(v) for name, v in seen.scores.items() if not _by_column(seen, name))
    lost = len(visit.text) - used
    if lost > 0:
        yield Reading(
            "rows",
            f"rows of other labels of `{visit.name}` are no visits of the plan",
            "they say no day, or few rows have them",
            f"{about(lost)} of {about(len(visit.text))} rows are not used",
        )


def _by_column(seen: Proposed, visit: str) -> bool:
    return visit == BASELINE and bool(seen.baseline_column)


def _baseline(seen: Proposed) -> Iterator[Reading]:
    settles = (
        *(("data", "baseline_score"), ("data", "columns", "baseline")),
        *(("data", "columns", "baselines"), ("analyses", "*", "covariates")),
        ("analyses", "*", "by_visit"),
    )
    question = seen.question("baseline")
    fixed = seen.data.get("baseline_score")
    if str(fixed).startswith(MARK):
        why = "it is open which score is the baseline"
        yield Reading("baseline", "scores are not adjusted yet", why, seen.course(), settles)
        return
    measured = next((v for name, v in seen.scores.items() if name == BASELINE), None)
    if measured is None and seen.scores and fixed is None:
        measured = next(iter(seen.scores.values()))
    follows = (
        f"mean before treatment: {by_arm(measured, seen.arms_of_rows)}; scores are adjusted for it"
        if measured is not None and fixed is None
        else f"everybody begins at {fixed}, so that scores themselves are analysed: {seen.course()}"
    )
    if question is not None:
        yield answered("baseline", question, follows, *settles)
        return
    if fixed is not None:
        why = "of its kind: yes or no, a change, or a file without an earlier score"
        yield Reading("baseline", "no baseline is read", why, follows, settles)
        return
    column = seen.baseline_column
    column = column or seen.wide_columns.get(BASELINE, "")
    says = f"`{column}` is the baseline" if column else "the first visit is the baseline"
    why = "it is called after one, or is the first" if column else "its label, name or day says so"
    yield Reading("baseline", says, why, follows, settles)


def _result(seen: Proposed) -> Iterator[Reading]:
    estimand: Any = next(iter(seen.plan.get("estimands", {}).values()), {})
    visit = estimand.get("visit", "") if isinstance(estimand, dict) else ""
    if not visit or visit.startswith(MARK):
        return
    visits = list(seen.visits)
    before = visits[visits.index(visit) - 1] if visits.index(visit) else ""
    follows = f"there: {seen.at(visit)}" if visit in seen.scores else seen.course()
    if before in seen.scores and visit in seen.scores:
        follows += f"; if `visit` of the estimand is `{before}`: {seen.at(before)}"
    last = "it is the last visit"
    why = last if visit == visits[-1] else f"{last} that is not called a follow-up"
    settles = (("estimands", "*", "visit"),)
    yield Reading("result", f"the result is that at `{visit}`", why, follows, settles)


def _model(seen: Proposed) -> Iterator[Reading]:
    analyses = seen.plan.get("analyses", {})
    analysis: Any = next(iter(analyses.values()), {}) if isinstance(analyses, dict) else {}
    if not isinstance(analysis, dict) or "model" not in analysis:
        return
    arms, visits = len(seen.arms.names), len(seen.visits)
    order = seen.question("order")
    if order is not None:
        yield answered("model", order, seen.course(), ("analyses", "*", "order"))
    because = _why_model(str(analysis["model"]), seen)
    follows = f"arms: {arms}; visits: {visits}; participants: {about(seen.people)}"
    keys = ("estimand", "role", "model", "all_arms", "periods")
    settles = (*(("analyses", "*", key) for key in keys), ("estimands", "*", "summary"))
    yield Reading("model", f"the model is {analysis['model']}", because, follows, settles)


def _why_model(model: str, seen: Proposed) -> str:
    kind = "one of two values" if seen.of_two else "a number"
    if model == "crossover":
        return f"the score is {kind}, and arms change within participants"
    if model.startswith("paired"):
        return f"the score is {kind}, and each participant has it twice without arms"
    return f"the score is {kind}, and each participant has one arm"
