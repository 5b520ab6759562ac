"""A proposed plan of scores, in rows of visits, periods, days or conditions, or in columns."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.arms import TO_COMPLETE, Arms, Block
from ketaoutcomes.data.inspection.column_words import (
    BASELINE_WORDS,
)
from ketaoutcomes.data.inspection.daily import NEEDED, WEEK, ask_first_week, weekly_visits, weeks_of
from ketaoutcomes.data.inspection.daily import NONE as NO_BASELINE
from ketaoutcomes.data.inspection.data_block import changed, data_block, read_words
from ketaoutcomes.data.inspection.direction import OF_A_CHANGE, better, better_of_two
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.names import names_of
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Question
from ketaoutcomes.data.inspection.scales import CHANGE, ScaleGuess, guess_scale, version_taken
from ketaoutcomes.data.inspection.schedule import (
    BASELINE,
    FIRST,
    VARIED,
    ask_baseline,
    ask_baseline_column,
    ask_which_baseline,
    baseline_columns,
    baseline_score,
    condition_schedule,
    long_schedule,
    wide_schedule,
)
from ketaoutcomes.data.inspection.visits import VisitColumns
from ketaoutcomes.plan.gaps import gap

PAIRED_SHARES: Final = "paired_proportions"
SUMMARY_OF_PAIRS: Final = {"paired": "mean change", PAIRED_SHARES: "change in proportion"}
"""Model of pairs -> what the estimand of one arm asks."""
EVENT_IS: Final = {"lower": "unwanted", "higher": "wanted"}
"""Better direction of 0 and 1 -> what an endpoint says of a 1."""

NUMBERED_FIRST: Final = re.compile(r"(?:Day|Week|Month|Year) 1")

OF_FOLLOW_UP: Final = re.compile(
    r"follow|(?<![a-z])fu(?![a-z])|nachbeob|katamnes|suivi|seguimiento|post[- _]?treatment",
    re.IGNORECASE,
)
"""Labels of visits after treatment."""
Built = tuple[Block, tuple[str, ...]]
"""A plan, and what could not be told from the file."""


def long_scores(guess: Guess, arms: Arms, phases: tuple[str, ...]) -> Built:
    """A row for each visit."""
    titles = {name: guess.scale_name if guess.only else name for name in guess.scores}
    scales = {name: guess_scale([guess.columns[name]], titles[name]) for name in guess.scores}
    first = scales[guess.scores[0]]
    baselines = baseline_columns(guess)
    fixed = baseline_score(first)
    changes = first.change and not baselines
    if (day := guess.daily) is not None and len(scales) == 1 and not first.binary:
        return _diary(guess, arms, first, day)
    if guess.of_conditions:
        return _conditions(guess, arms, first)
    schedule = long_schedule(
        guess, by_column=bool(baselines) or fixed is not None, of_changes=changes
    )
    first = _directed(guess, first, *_ends_of_rows(guess, schedule.labels, baselines))
    columns: Block = {
        role: guess.roles[role]
        for role in ("subject", "arm", "phase", "visit")
        if role in guess.roles
    }
    if "day" in guess.roles or "day_unit" in schedule.data:
        columns["day"] = guess.roles.get("day", guess.roles["visit"])
    if len(scales) == 1:
        columns["value"] = guess.scores[0]
        columns |= {"baseline": baselines[guess.scores[0]]} if baselines else {}
    else:
        columns["scores"] = {scale.name: name for name, scale in scales.items()}
        known = {scales[name].name: column for name, column in baselines.items()}
        columns |= {"baselines": known} if known else {}
    named = names_of(phases, "period") if phases else {"": "treatment"}
    labels: Block = {"arm": arms.labels}
    labels |= {"phase": named} if phases else {}
    labels |= {"visit": schedule.labels} if changed(schedule.labels) else {}
    data = data_block(guess, arms, "visits", columns, labels) | schedule.data
    if schedule.left_out:
        kept = {guess.roles["visit"]: list(schedule.labels)}
        data["where"] = {"visits": data.get("where", {}).get("visits", {}) | kept}
    by_definition = fixed is not None and not baselines and not schedule.has_baseline
    data |= {"baseline_score": fixed} if by_definition else {}
    if schedule.none_measured is not None:
        data["baseline_score"] = _no_baseline(schedule.none_measured)
    plan = _scored(data, arms, schedule.visits, first, list(named.values()))
    plan = _without_visits(plan, schedule.gap) if schedule.gap else plan
    version = version_taken(first, titles[guess.scores[0]])
    return plan, (*schedule.remarks, *version)


def _without_visits(plan: Block, missing: str) -> Block:
    """The plan with a gap in place of its visits, whose order is open."""
    for phase in plan["phases"].values():
        phase["visits"] = missing
    plan["estimands"]["primary"]["visit"] = missing
    return plan


def scores_of_periods(guess: Guess, arms: Arms, phases: tuple[str, ...]) -> Built:
    """A crossover with one score for each period, which has no visit of its own."""
    column = guess.columns[guess.scores[0]]
    arm = guess.columns[guess.roles["arm"]].text
    scale = guess_scale([column], column.name)
    scale = _directed(guess, scale, None, column.number, arm if scale.change else None)
    named = names_of(phases, "period")
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm", "phase")}
    columns |= {"visit": "visit", "value": column.name}
    data = data_block(guess, arms, "visits", columns, {"arm": arms.labels, "phase": named})
    data["derive"] = {"visits": {"visit": '"End"'}}
    data["baseline_score"] = baseline_score(scale) or 0
    visits = {BASELINE: {"day": 1}, "End": {"day": 8}}
    plan = _scored(data, arms, visits, scale, list(named.values()))
    plan["analyses"]["primary"]["covariates"] = []
    remark = "the file has no day of the score: `End` is put on day 8, which changes no result"
    return plan, (remark,)


def _diary(guess: Guess, arms: Arms, scale: ScaleGuess, day: Column) -> Built:
    """A score every day, as means of weeks."""
    first_dose = 0 if (day.number == 0).any() else 1
    subject = guess.columns[guess.roles["subject"]].text
    weeks, run_in = weeks_of(day, subject, first_dose)
    asks = ask_first_week(guess.asked, run_in=run_in)
    column, arm = guess.columns[guess.scores[0]], guess.column("arm")
    week = (day.number - first_dose) // WEEK
    before = week < 0 if run_in else week == 0
    ends = (None if scale.change else column.number[before], column.number[week == weeks - 1])
    scale = _directed(guess, scale, *ends, None if arm is None else arm.text)
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm") if r in guess.roles}
    columns |= {"day": day.name, "value": guess.scores[0]}
    data = data_block(guess, arms, "visits", columns, {"arm": arms.labels})
    data |= {"first_dose_day": 0} if first_dose == 0 else {}
    data["diary"] = {"days": WEEK, "needed": NEEDED}
    data |= {"baseline_score": _no_baseline(asks)} if asks.taken in ("", NO_BASELINE) else {}
    plan = _scored(data, arms, weekly_visits(weeks, asks.taken), scale, ["treatment"])
    rule = (
        f"daily scores become means of {WEEK} days; with fewer than {NEEDED} days a week is "
        "missing: `diary` changes the rule"
    )
    return plan, (rule,)


def _conditions(guess: Guess, arms: Arms, scale: ScaleGuess) -> Built:
    """One score under each of several conditions that all participants had."""
    columns: Block = {"subject": guess.roles["subject"], "visit": guess.roles["visit"]}
    columns["value"] = guess.scores[0]
    visit = guess.columns[guess.roles["visit"]]
    return _paired(
        guess, arms, scale, columns, (visit.labels(), f"the conditions of `{visit.name}`")
    )


def pairs_of_columns(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """One row a participant with a column for each of two conditions."""
    labels = tuple(guess.wide[0].columns)
    scale = guess_scale([guess.columns[name] for name in labels], guess.wide[0].name)
    columns: Block = {"scores": {scale.name: dict(guess.wide[0].columns)}}
    named = " and ".join(f"`{label}`" for label in labels)
    return _paired(guess, arms, scale, columns, (labels, named))


def _paired(
    guess: Guess,
    arms: Arms,
    scale: ScaleGuess,
    columns: Block,
    conditions: tuple[tuple[str, ...], str],
) -> Built:
    """The comparison within participants of conditions: their labels, and what they are called."""
    labels, named = conditions
    schedule, order = condition_schedule(guess.asked, labels, named)
    question = _better_of_two(guess, scale) if scale.binary else better(guess.asked, scale.name)
    scale = replace(scale.better(question.taken or question.gap), change=False)
    data = data_block(guess, arms, "visits", columns, {"arm": arms.labels})
    visits = schedule.visits or {TO_COMPLETE: {"day": 1}}
    plan = _scored(data, arms, visits, scale, ["treatment"])
    model = PAIRED_SHARES if scale.binary else "paired"
    plan["estimands"]["primary"]["summary"] = SUMMARY_OF_PAIRS[model]
    analysis: Block = {"estimand": "primary", "role": "primary", "model": model}
    if order.taken == VARIED:
        analysis["order"] = VARIED
    plan["analyses"] = {"primary": analysis}
    if order.is_open or not schedule.visits:
        few = f"the labels of {named} in their order, each with a day"
        plan = _without_visits(plan, gap(few) if not schedule.visits else order.gap)
    return plan, ()


def _no_baseline(question: Question) -> float | str:
    return question.gap if question.is_open else 0


def _ends_of_rows(
    guess: Guess, labels: dict[str, str], baselines: dict[str, str]
) -> tuple[pd.Series | None, pd.Series, pd.Series | None]:
    """Scores at the first and the last visit, and the arm of each row."""
    column, visit, arm = guess.columns[guess.scores[0]], guess.column("visit"), guess.column("arm")
    assert visit is not None
    shown = list(labels)
    base = baselines.get(guess.scores[0])
    at_first = visit.text == shown[0]
    first = guess.columns[base].number[at_first] if base else column.number[at_first]
    last = column.number[visit.text == shown[-1]]
    return None if column.negative and not base else first, last, None if arm is None else arm.text


def _directed(
    guess: Guess,
    scale: ScaleGuess,
    first: pd.Series | None,
    last: pd.Series,
    arm: pd.Series | None,
) -> ScaleGuess:
    """The scale with its better direction, which only a scale that is known tells for certain."""
    if scale.definition is None or scale.success:
        return scale
    if scale.binary:
        question = _better_of_two(guess, scale)
    else:
        signed = scale.change and not OF_A_CHANGE.search(scale.name.removesuffix(CHANGE))
        question = better(guess.asked, scale.name, first, last, arm, file=guess.file, signed=signed)
    return scale.better(question.taken or question.gap)


def _better_of_two(guess: Guess, scale: ScaleGuess) -> Question:
    """Whether a yes is wanted; what one of several words or codes says, once it is known."""
    column = guess.columns[guess.scores[0]] if guess.scores else None
    yes = read_words(guess)[1] if column is not None else "1"
    open_event = any(q.key == "event" and q.is_open for q in guess.asked.questions)
    grade = column is not None and len(column.counts) > len("01")
    return better_of_two(guess.asked, scale.name, yes, grade=grade or open_event)


def wide_scores(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """A column for each visit."""
    group = guess.wide[0]
    members = [guess.columns[name] for name in group.columns.values()]
    scale = guess_scale(members, group.name)
    fixed = baseline_score(scale)
    visits, columns = wide_schedule(group.days), dict(group.columns)
    lacking = None
    own = _baseline_beside(guess, group.columns.values())
    if group.baselines:
        asks = ask_which_baseline(guess.asked, group.baselines)
        lacking = asks if asks.taken in ("", NO_BASELINE) else None
        columns = {v: c for v, c in columns.items() if v != BASELINE}
        columns = {BASELINE: asks.taken, **columns} if lacking is None else columns
    elif BASELINE not in columns and fixed is None and own is not None:
        asks = ask_baseline_column(guess.asked, own.name)
        lacking = None if asks.taken == own.name else asks
        columns = {BASELINE: own.name, **columns} if lacking is None else columns
    elif BASELINE not in columns and fixed is None:
        first = next(iter(columns))
        # the first day, week or month may be that of the first dose
        counted = group.counts_from_one and NUMBERED_FIRST.fullmatch(first)
        dated = group.timed and not counted and not _others_of_the_score(guess, group)
        asks = ask_baseline(guess.asked, first, group.days[first], dated=dated)
        lacking = None if asks.taken == FIRST else asks
        if lacking is None:
            columns = {BASELINE if v == first else v: c for v, c in columns.items()}
            visits = {v: at for v, at in visits.items() if v != first}
    arm = guess.column("arm")
    ends = (None if scale.change else members[0].number, members[-1].number)
    scale = _directed(guess, scale, *ends, None if arm is None else arm.text)
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    data = data_block(
        guess, arms, "visits", told | {"scores": {scale.name: columns}}, {"arm": arms.labels}
    )
    data |= {"baseline_score": fixed} if BASELINE not in columns and fixed is not None else {}
    data |= {"baseline_score": _no_baseline(lacking)} if lacking is not None else {}
    plan = _scored(data, arms, visits, scale, ["treatment"])
    version = version_taken(scale, group.name)
    return plan, (*group.remarks, *version)


def _others_of_the_score(guess: Guess, group: VisitColumns) -> bool:
    """Whether another column of numbers is called after the score, as one at an earlier time is."""
    stem = group.stem.rstrip("._- ").casefold()
    others = [c for name, c in guess.columns.items() if name not in group.columns.values()]
    return bool(stem) and any(c.numeric and c.name.casefold().startswith(stem) for c in others)


def _baseline_beside(guess: Guess, members: Iterable[str]) -> Column | None:
    """A column of numbers that is named as a baseline and nothing else."""
    taken = {*members, *guess.roles.values()}
    found = [
        c for c in guess.columns.values()
        if c.name not in taken and c.numeric and c.words and c.words <= set(BASELINE_WORDS)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def one_outcome(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """One row and one outcome a participant."""
    column = guess.columns[guess.scores[0]]
    scale = guess_scale([column], column.name)
    last = column.number if column.numeric else column.text
    arm = guess.column("arm")
    scale = _directed(
        guess, scale, None, last, None if arm is None or not scale.change else arm.text
    )
    told = {role: guess.roles[role] for role in ("subject", "arm") if role in guess.roles}
    scores: Block = {"scores": {scale.name: {"End": column.name}}}
    data = data_block(guess, arms, "visits", told | scores, {"arm": arms.labels})
    data["baseline_score"] = baseline_score(scale) or 0
    visits = {BASELINE: {"day": 1}, "End": {"day": 57}}
    remark = "the file has no day of the outcome: `End` is put on day 57, which changes no result"
    return _scored(data, arms, visits, scale, ["treatment"]), (remark,)


def _scored(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phases: list[str]) -> Block:
    """Phases, scale, endpoint, estimand and analysis of a score by visit."""
    plan: Block = {"data": data}
    plan["phases"] = {
        name: arms.phase(name.replace("_", " ").capitalize(), visits) for name in phases
    }
    if scale.definition is not None:
        plan["scales"] = {scale.name: scale.definition}
    plan |= scored_analysis(data, arms, visits, scale, phases[0])
    if len(phases) > 1 and not scale.binary:
        plan["analyses"]["primary"] = _crossover(phases)
    return plan


def _of_scores(data: Block, arms: Arms, visits: Block, scale: ScaleGuess) -> Block:
    """The model of scores: two visits of one arm are pairs."""
    pair = len(visits) == len("ab") and "baseline_score" not in data
    if pair and not (arms.reference or arms.gap or arms.group):
        return {"model": PAIRED_SHARES if scale.binary else "paired"}
    if scale.binary:
        return {"model": "proportions"}
    adjusted = ["baseline"] if "baseline_score" not in data else []
    model: Block = {"model": "mmrm", "covariates": adjusted, "by_visit": adjusted}
    return model | ({"all_arms": True} if arms.several and not arms.group else {})


def scored_analysis(data: Block, arms: Arms, visits: Block, scale: ScaleGuess, phase: str) -> Block:
    """Endpoint, estimand and analysis at the last visit."""
    binary = scale.binary
    kind = "yes_or_no" if binary else "change"
    told: Block = {"kind": kind, "phase": phase, "scale": scale.name}
    endpoint = _yes_or_no(told, scale) if binary else told
    model = _of_scores(data, arms, visits, scale)
    of_one = SUMMARY_OF_PAIRS.get(model["model"], "proportion" if binary else "mean change")
    of_two = "difference in proportions" if binary else "difference in means"
    return {
        "endpoints": {"outcome": endpoint},
        "estimands": {
            "primary": {
                "population": TO_COMPLETE,
                "treatment": arms.contrast,
                "endpoint": "outcome",
                "visit": _primary_visit(visits),
                "summary": arms.summary(of_two, of_one),
            }
        },
        "analyses": {
            "primary": {
                "estimand": "primary",
                "role": "primary",
                **model,
            }
        },
    }


def _primary_visit(visits: Block) -> str:
    """The last visit that is not called after a follow-up of the treatment."""
    during = [visit for visit in visits if not OF_FOLLOW_UP.search(visit)]
    return (during if len(during) > 1 else list(visits))[-1]


def _crossover(periods: list[str]) -> Block:
    """The analysis of a score in all periods, within subjects."""
    told = {"estimand": "primary", "role": "primary", "model": "crossover"}
    return told | {"periods": periods}


def _yes_or_no(endpoint: Block, scale: ScaleGuess) -> Block | str:
    """The endpoint of a score of 0 and 1, by whether a 1 is wanted."""
    assert scale.definition is not None
    better = str(scale.definition["better"])
    if better not in EVENT_IS:
        return better
    named = {"at_least": 1, "event_label": scale.name, "event_is": EVENT_IS[better]}
    return endpoint | named
