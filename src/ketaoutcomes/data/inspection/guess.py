"""What each column of a file seems to be, and how the file is laid out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    BASELINE_WORDS,
    CONDITION_WORDS,
    DAY_WORDS,
    OUTCOME_WORDS,
    PERIOD_WORDS,
    SCALE_WORDS,
    UNIT_OF_VALUES,
    before_randomisation,
    is_derived,
    named,
    rank,
)
from ketaoutcomes.data.inspection.conditions import ask_condition, ask_visit, condition_of
from ketaoutcomes.data.inspection.daily import is_daily
from ketaoutcomes.data.inspection.groups import MOST_ARMS, NO_GROUP, arm_of, few
from ketaoutcomes.data.inspection.guessed import Guess, Kind
from ketaoutcomes.data.inspection.intervals import ask_mark, events_of_rows, times_of_rows
from ketaoutcomes.data.inspection.outcomes import (
    KNOWN,
    NAMED,
    ON_THE_SCALE,
    Outcome,
    choose,
    outcomes_of_rows,
    outcomes_of_visits,
    timed_columns,
)
from ketaoutcomes.data.inspection.phases import EVERY_PHASE, ask_phase, phase_of_rows
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, columns_of
from ketaoutcomes.data.inspection.questions import Answers, Asked, Choice, Question
from ketaoutcomes.data.inspection.scales import known_scale
from ketaoutcomes.data.inspection.study_effects import effect_columns
from ketaoutcomes.data.inspection.subjects import (
    TELLING_VISITS,
    are_totals,
    restarts_in,
    subject_by_name,
    subject_by_rows,
    twice,
    visit_of,
    whose_is_unknown,
)
from ketaoutcomes.data.inspection.timed import is_bare_time
from ketaoutcomes.data.inspection.visits import VisitColumns, says_baseline
from ketaoutcomes.data.inspection.whose import (
    DIFFERENT,
    EACH,
    SAME,
    are_bare_pairs,
    ask_of_blocks,
    ask_of_keys,
    ask_of_pairs,
    ask_whose,
    blocks_of_rows,
)
from ketaoutcomes.data.mapping import CENTRE
from ketaoutcomes.data.readers.raw import RawTable

SAME_CODES: Final = 0.9
"""So many codes of two files are the same where they may be those of the same people."""
MOST_LEVELS: Final = 12
MOST_COVARIATES: Final = 8
EACH_ROW: Final = "every row"
"""The answer that rows of one participant are units of their own."""
OF_PEOPLE: Final = ("subjects", "one outcome", "open")
OF_NO_CONDITIONS: Final = ("study level", "totals", "intervals")
"""Files in which a code under several arms is a study, or a person whose treatment changed."""
STUDY_LEVEL: Final = re.compile(r"(mean|sd|se|n|event|totaln)(_change)?_?(arm|grp|group)?_?[12tc]")


REPEATS: Final = "redcap_repeat_instrument"


def guess(raw: RawTable, answers: Answers | None = None) -> Guess:
    """What a file seems to hold.

    Rows of REDCap's repeating instruments are left out where the others hold an outcome by name;
    what is analysed may else stand in them.
    """
    seen = _guess_of_rows(raw, answers)
    repeats = columns_of(raw).get(REPEATS)
    if seen.kind != "unknown" or repeats is None or not 0 < len(repeats.told) < len(raw.frame):
        return seen
    plain = raw.frame[raw.frame[REPEATS].isna()].dropna(axis="columns", how="all")
    once = _guess_of_rows(replace(raw, frame=plain), answers)
    scores = [once.columns[name] for name in once.scores]
    told = any(known_scale(c.name) or rank(c, OUTCOME_WORDS) is not None for c in scores)
    return replace(once, repeats=repeats) if told else seen


def _guess_of_rows(raw: RawTable, answers: Answers | None) -> Guess:
    """What a file seems to hold, with codes that begin anew in each centre or arm joined with it.

    Where codes may begin anew in each arm, whose each row is stands first of the questions.
    """
    centre = restarts_in(raw)
    whole = _joined(raw, centre) if centre else raw
    seen = _of_codes(whole, centre, answers) if centre else _of_one_scale(raw, answers)
    if seen.kind in OF_NO_CONDITIONS:
        return seen
    apart, question = ask_whose(whole, Asked(answers or {}))
    if question is None:
        return _of_one_scale(raw, answers) if centre and seen.kind == "unknown" else seen
    if question.is_open:  # what else would be asked belongs to one of the readings
        return replace(seen, kind="open", asked=Asked(answers or {}, [question]))
    if question.taken == DIFFERENT:
        seen = _of_cells(raw, (*apart[:-1], *(centre or apart[-1:])), answers)
    seen.asked.questions.insert(0, question)
    return seen


def _of_cells(raw: RawTable, parts: tuple[str, ...], answers: Answers | None) -> Guess:
    """What a file seems to hold whose codes begin anew in each group, or in each of a centre."""
    seen = _of_codes(_joined(raw, parts), parts, answers)
    centres = [str(c) for c in raw.frame if CENTRE.search(str(c)) and c not in parts]
    for centre in centres:
        if seen.kind != "unknown":
            break
        seen = _of_codes(_joined(raw, (centre, *parts)), (centre, *parts), answers)
    return seen


def _joined(raw: RawTable, parts: tuple[str, ...]) -> RawTable:
    """The file with several columns as one code, the last of which is left out."""
    first, *others = parts
    codes = raw.frame[first]
    for name in others:
        codes = codes.str.cat(raw.frame[name], sep="/")
    frame = raw.frame.drop(columns=parts[-1]).assign(**{", ".join(parts): codes})
    return replace(raw, frame=frame)


def _of_codes(raw: RawTable, parts: tuple[str, ...], answers: Answers | None) -> Guess:
    """What a file seems to hold whose codes were joined; unknown where that is not its code."""
    seen = _of_one_scale(raw, answers)
    if seen.roles.get("subject") != ", ".join(parts) or seen.kind == "intervals":
        return replace(seen, kind="unknown")
    return replace(seen, joined=parts)


def _of_one_scale(raw: RawTable, answers: Answers | None) -> Guess:
    """What a file seems to hold; of several scales or units below each other, which is asked."""
    key = _key_of_rows(raw)
    if key is None:
        return _of_one_phase(raw, answers)
    labels = key.labels()
    known = [label for label in labels if known_scale(label)]
    asked = Asked(answers or {})
    question = asked.decide(
        "rows",
        f"Rows of several `{key.name}` stand below each other. Which are analysed?",
        [Choice(f"{key.name} {label}", f"{int(key.counts[label])} rows") for label in labels],
        default=f"{key.name} {(known or [str(key.counts.index[0])])[0]}",
    )
    chosen = (question.taken or question.offered).removeprefix(f"{key.name} ")
    rows = raw.frame[raw.frame[key.name] == chosen]
    seen = _guess(replace(raw, frame=rows), {k: v for k, v in asked.answers.items() if k != "rows"})
    if seen.kind not in ("long", "open", "times", "one outcome", "wide"):
        return _guess(raw, answers)
    if question.is_open:
        return replace(seen, kind="open", asked=asked)
    seen.asked.questions.insert(0, question)
    return replace(seen, only={key.name: [chosen]})


def _of_one_phase(raw: RawTable, answers: Answers | None) -> Guess:
    """What a file seems to hold; of several phases one after the other, which is asked."""
    phase = phase_of_rows(raw)
    if phase is None:
        return _guess(raw, answers)
    asked = Asked(answers or {})
    question = ask_phase(asked, phase)
    others = {k: v for k, v in asked.answers.items() if k != "rows"}
    if question.taken == EVERY_PHASE:
        seen = _guess(raw, others)
        seen.asked.questions.insert(0, question)
        return seen
    chosen = (question.taken or question.offered).removeprefix(f"{phase.name} ")
    rows = raw.frame[raw.frame[phase.name] == chosen]
    seen = _guess(replace(raw, frame=rows), others)
    if seen.kind not in ("long", "open", "periods"):
        return _guess(raw, answers)
    if question.is_open:
        return replace(seen, kind="open", asked=asked)
    seen.asked.questions.insert(0, question)
    return replace(seen, only={phase.name: [chosen]})


def _key_of_rows(raw: RawTable) -> Column | None:
    """The column that says what the number of a row is, or in which unit, where rows differ."""
    columns = [*columns_of(raw).values()]
    words = (*SCALE_WORDS, *UNIT_OF_VALUES)
    keys = [c for c in named(columns, words) if not c.numeric and len(c.labels()) > 1]
    keys = [c for c in keys if not any(says_baseline(label) for label in c.labels())]
    return next(iter(keys), None)


def guess_together(
    raw: RawTable, others: Iterable[RawTable], answers: Answers | None = None
) -> Guess:
    """What a file seems to hold; arms may stand in another file with one row a subject."""
    others = tuple(others)
    seen = guess(raw, answers)
    subject = seen.roles.get("subject")
    if subject is None:
        return seen
    seen = replace(seen, earlier=_earlier_score(seen, raw, others))
    if "arm" in seen.roles:
        return seen
    for other in others:
        if other is not raw and _tells_arm_of(other, subject, raw):
            new = other.frame.drop(
                columns=[c for c in raw.frame if c != subject and c in other.frame]
            )
            frame = raw.frame.join(new.set_index(subject), on=subject)
            return replace(guess(replace(raw, frame=frame), answers), partner=other.name)
    return _with_arms_elsewhere(seen, raw, others)


def _with_arms_elsewhere(seen: Guess, raw: RawTable, others: Iterable[RawTable]) -> Guess:
    """The guess, which asks about arms that only another file tells, by a kit number or the like.

    A randomisation list shares the number of a kit with the scores, and not the code of anybody.
    """
    if seen.group is not None or seen.kind in (*OF_NO_CONDITIONS, "unknown", "no codes"):
        return seen
    found = [
        Choice(f"{arm.name} of {other.name}", f"`{shared[0]}` has the same values here")
        for other in others
        if other is not raw and (shared := _shared_numbers(seen, raw, other))
        for arm in named(columns_of(other).values(), ARM_WORDS)[:1]
        if few(arm) and arm.name not in shared
    ]
    if found:
        seen.asked.decide(
            "group",
            "No column here holds the arm, but one of another file does. Is it that of these rows?",
            [*found, Choice(NO_GROUP, "one arm without a comparison")],
            default=found[0].value,
        )
    return seen


def _shared_numbers(seen: Guess, raw: RawTable, other: RawTable) -> list[str]:
    """Columns of two files with the same numbers, which are not the codes of participants.

    Codes that merely begin at 1 in two studies are those of different people.
    """
    subject = seen.roles.get("subject", "")
    theirs = subject_by_name([*columns_of(other).values()])
    if theirs is not None and subject in raw.frame and theirs != subject:
        mine, codes = set(raw.frame[subject].dropna()), set(other.frame[theirs].dropna())
        if len(mine & codes) >= SAME_CODES * max(len(mine), len(codes)):
            return [theirs]
    return [
        str(name)
        for name in raw.frame
        if name in other.frame
        and name != seen.roles.get("subject")
        and raw.frame[name].nunique() > MOST_ARMS
        and len(set(raw.frame[name].dropna()) & set(other.frame[name].dropna()))
        >= raw.frame[name].nunique() / 2
    ]


def _earlier_score(seen: Guess, raw: RawTable, others: Iterable[RawTable]) -> str:
    """Another file with one row of each of these participants that holds the same score."""
    subject = seen.roles["subject"]
    if seen.kind != "long" or subject not in raw.frame:
        return ""
    codes = set(raw.frame[subject].dropna())
    for other in others:
        if other is raw or not {subject, seen.scores[0]} <= set(other.frame.columns):
            continue
        theirs = other.frame[subject].dropna()
        if not theirs.duplicated().any() and len(codes & set(theirs)) >= len(codes) / 2:
            return other.name
    return ""


def _tells_arm_of(other: RawTable, subject: str, raw: RawTable) -> bool:
    """Whether a file has one row for each subject of another, with arms and no outcome of its own.

    Codes that merely begin at 1 in two studies are those of different people.
    """
    people = guess(other)
    arm = people.column("arm")
    if people.roles.get("subject") != subject or people.kind not in OF_PEOPLE:
        return False
    if arm is None or people.tells_outcome or rank(arm, ARM_WORDS) is None:
        return False
    codes, known = set(raw.frame[subject].dropna()), set(other.frame[subject].dropna())
    return codes <= known and len(codes) >= len(known) / 2


def _guess(raw: RawTable, answers: Answers | None) -> Guess:
    columns = columns_of(raw)
    of_arms = sum(STUDY_LEVEL.fullmatch(name.casefold()) is not None for name in columns)
    if of_arms >= len("mean") or effect_columns(columns) is not None:
        return Guess(raw.name, "study level", columns, asked=Asked(answers or {}))
    asked = Asked(answers or {})
    subject = subject_by_name([*columns.values()]) or subject_by_rows([*columns.values()])
    if subject is None:
        return _rows_without_subject(raw, asked)
    columns = columns_of(raw, subject)
    rows = len(columns[subject].told)
    by_layout = _one_row_each if columns[subject].told.nunique() == rows else _several_rows_each
    if by_layout is _one_row_each:
        others = [c for name, c in columns.items() if name != subject]
        whose = ask_of_keys(asked, columns[subject], others)
        if whose is not None and whose.is_open:
            return Guess(raw.name, "open", columns, {"subject": subject}, asked=asked)
        if whose is not None and whose.taken == SAME:
            return Guess(raw.name, "unknown", columns)
    return by_layout(raw, columns, {"subject": subject}, asked)


def _rows_without_subject(raw: RawTable, asked: Asked) -> Guess:
    """A file without codes of subjects: where rows have groups or times, each is a subject."""
    rows = pd.Series([str(row) for row in range(len(raw.frame))], index=raw.frame.index)
    columns = {name: replace(c, subjects=rows) for name, c in columns_of(raw).items()}
    listed = [*columns.values()]
    kinds = {found.kind for found in outcomes_of_rows(listed, compares=False)}
    timed = "times" in kinds
    if are_totals(listed):
        return Guess(raw.name, "totals", columns)
    if are_bare_pairs(listed):
        return _of_bare_pairs(raw.name, columns, asked)
    if not (kinds or any(few(c) for c in listed)) or len(rows) < SMALLEST_GROUP:
        return Guess(raw.name, "unknown", columns)
    if not timed and whose_is_unknown(listed):
        return Guess(raw.name, "no codes", columns)
    blocks = [] if timed else blocks_of_rows(listed)
    return _of_blocks(raw, columns, asked, blocks) or _rows_as_subjects(raw, columns, asked)


def _rows_as_subjects(raw: RawTable, columns: dict[str, Column], asked: Asked) -> Guess:
    seen = _one_row_each(raw, columns, {}, asked)
    return seen if seen.candidates else Guess(raw.name, "unknown", columns)


def _of_blocks(
    raw: RawTable, columns: dict[str, Column], asked: Asked, blocks: list[Column]
) -> Guess | None:
    """Rows that may be several of one participant; None where each row is one of its own."""
    if not blocks:
        return None
    whose = ask_of_blocks(asked, blocks)
    if whose.is_open:
        return Guess(raw.name, "open", columns, asked=asked)
    if whose.taken == EACH:
        return None
    return _several_rows_each(raw, columns_of(raw, whose.taken), {"subject": whose.taken}, asked)


def _of_bare_pairs(file: str, columns: dict[str, Column], asked: Asked) -> Guess:
    """Two columns of one score: a row is one person twice, or two people side by side."""
    seen = Guess(file, "open", columns, asked=asked)
    question = ask_of_pairs(asked, [*columns.values()])
    if question.is_open:
        return seen
    if question.taken != SAME:
        return replace(seen, kind="unknown")
    days = dict(zip(columns, (0.0, 7.0), strict=True))
    pair = VisitColumns("value", {name: name for name in columns}, days)
    return replace(seen, kind="pairs", wide=(pair,))


def _one_row_each(
    raw: RawTable, columns: dict[str, Column], roles: dict[str, str], asked: Asked
) -> Guess:
    free = [column for name, column in columns.items() if name not in roles.values()]
    arm, groups = arm_of(free, asked)
    free = [column for column in free if column is not arm]
    roles |= {"arm": arm.name} if arm else {}
    candidates = tuple(outcomes_of_rows(free, compares=arm is not None or groups))
    return _with_outcome(Guess(raw.name, "subjects", columns, roles, asked=asked), candidates, free)


def _with_outcome(seen: Guess, candidates: tuple[Outcome, ...], free: list[Column]) -> Guess:
    """The guess with the outcome that is evident or answered, or open."""
    seen = replace(seen, candidates=candidates)
    outcome = choose(list(candidates), seen.asked, seen.file)
    if outcome is None:
        used = [*seen.roles.values(), *_columns_in(candidates)]
        kind: Kind = "open" if candidates else seen.kind
        return replace(seen, kind=kind, covariates=_covariates(free, used))
    roles = seen.roles | outcome.roles
    used = [*roles.values(), *_columns_in((outcome,))]
    return replace(
        seen,
        kind=outcome.kind,
        roles=roles,
        scores=_with_known(outcome, candidates) if outcome.kind == "long" else outcome.scores,
        wide=outcome.wide,
        covariates=_covariates(free, used),
    )


def _with_known(outcome: Outcome, candidates: tuple[Outcome, ...]) -> tuple[str, ...]:
    """The column of the outcome, and next to a known scale those of other known scales."""
    if outcome.weight < KNOWN:
        return outcome.scores
    others = {
        c.means: c.scores[0]
        for c in reversed(candidates)
        if c.weight == KNOWN and c.means.startswith(ON_THE_SCALE) and c.means != outcome.means
    }
    return (*outcome.scores, *reversed(others.values()))


def _columns_in(outcomes: Iterable[Outcome]) -> list[str]:
    return [
        name
        for outcome in outcomes
        for name in (
            *outcome.scores,
            *outcome.roles.values(),
            *(column for group in outcome.wide for column in group.columns.values()),
        )
    ]


def _several_rows_each(
    raw: RawTable, columns: dict[str, Column], roles: dict[str, str], asked: Asked
) -> Guess:
    free = [column for name, column in columns.items() if name not in roles.values()]
    subject = columns[roles["subject"]]
    conditions = ask_condition(free, subject, asked) if _has_no_order(free, subject) else None
    if conditions is not None and conditions.taken != NO_GROUP:
        seen = Guess(raw.name, "open", columns, roles, asked=asked)
        return _of_conditions(seen, free, conditions)
    period = next((c for c in named(free, PERIOD_WORDS) if 1 < len(c.counts) <= MOST_ARMS), None)
    arm, _ = arm_of([c for c in free if c.constant or period is not None], asked)
    _ask_of_changing_arms([] if arm is not None or period is not None else free, asked)
    visits = free
    if arm is not None and arm.constant:
        period = None  # no crossover: a period is a visit like any other
    elif period is not None:
        visits = [c for c in free if c is not period]
    roles |= {"arm": arm.name} if arm else {}
    if times := times_of_rows(free, columns[roles["subject"]]):
        seen = Guess(raw.name, "intervals", columns, roles | times, asked=asked)
        return _of_intervals(seen, free)
    roles |= {"phase": period.name} if period else {}
    visit = visit_of(visits, columns[roles["subject"]], period)
    if visit is None and arm is None and not _surely_timed(free):
        visit = condition_of(free, columns[roles["subject"]])
    visit = _that_may_be_shown(visit, subject)
    roles |= {"visit": visit.name} if visit else {}
    days = [c for c in named(free, DAY_WORDS) if c.numeric and c is not visit and not c.constant]
    days = [c for c in days if is_bare_time(c) or c.name.casefold() in DAY_WORDS]
    roles |= {"day": days[0].name} if days else {}
    seen = Guess(raw.name, "unknown", columns, roles, asked=asked)
    if visit is None and period is not None and arm is not None:
        return _of_periods(seen, free, period, arm)
    if visit is None:
        several = _of_several_times(raw, seen, free)
        return _of_asked_visit(raw, seen, free) if several.kind == "unknown" else several
    return _of_visits(raw, seen, free, visit)


def _of_asked_visit(raw: RawTable, seen: Guess, free: list[Column]) -> Guess:
    """Rows that one of several columns may tell apart as visits; open until that is told."""
    question = ask_visit(free, seen.columns[seen.roles["subject"]], seen.asked)
    visit = seen.columns.get(question.taken) if question is not None else None
    if question is None or (visit is None and not question.is_open):
        return seen
    roles = {role: name for role, name in seen.roles.items() if role != "phase"}
    if visit is None:
        return replace(seen, kind="open", roles=roles)
    roles |= {"visit": visit.name}
    return _of_visits(raw, replace(seen, roles=roles), free, visit)


def _ask_of_changing_arms(free: list[Column], asked: Asked) -> None:
    """Ask about a column called after arms that differ within participants, without periods.

    It tells the arms of a crossover or of single participants, or merely what was given when.
    """
    changing = [c for c in named(free, ARM_WORDS) if few(c) and not c.constant]
    if not changing or not _has_visits(free) or any(q.key == "group" for q in asked.questions):
        return
    means = "participants change it from row to row, as in a crossover"
    asked.decide(
        "group",
        "A column called after arms differs within participants. Is it what is compared?",
        [*(Choice(c.name, means) for c in changing), Choice(NO_GROUP, "nothing is compared")],
        default=changing[0].name,
    )


def _has_visits(free: list[Column]) -> bool:
    return any(rank(c, TELLING_VISITS) is not None for c in free)


def _of_visits(raw: RawTable, seen: Guess, free: list[Column], visit: Column) -> Guess:
    """Rows of visits; a time to an event that stands on every row may be the outcome as well."""
    arm = seen.column("arm")
    scores = _scores(free, [*seen.roles.values()], visit, arm)
    candidates = tuple(outcomes_of_visits(scores))
    once = tuple(_surely_timed([c for c in free if c.constant and c is not arm]))
    found = _with_outcome(seen, (*candidates, *once), free)
    if not once or found.kind != "times":
        return found
    codes = found.columns[found.roles["subject"]].text
    return _guess(replace(raw, frame=raw.frame[~codes.duplicated()]), found.asked.answers)


def _that_may_be_shown(visit: Column | None, subject: Column) -> Column | None:
    """The column of visits; None where so few rows have each that no plan can name one."""
    if visit is None or visit.labels() or is_daily(visit, subject.text):
        return visit
    return None


def _has_no_order(free: list[Column], subject: Column) -> bool:
    """Whether neither a visit, a period, an arm nor a time is named that tells rows apart."""
    arms = [c for c in named(free, (*ARM_WORDS, *CONDITION_WORDS, *PERIOD_WORDS)) if few(c)]
    intervals = bool(times_of_rows(free, subject))
    return not (arms or intervals or _surely_timed(free)) and visit_of(free, subject, None) is None


def _of_conditions(seen: Guess, free: list[Column], conditions: Question) -> Guess:
    """Rows of conditions that were asked for; open until they are told."""
    visit = seen.columns.get(conditions.taken)
    if visit is None:
        return seen
    seen = replace(seen, kind="unknown", roles=seen.roles | {"visit": visit.name})
    scores = _scores(free, [*seen.roles.values()], visit, None)
    return _with_outcome(seen, tuple(outcomes_of_visits(scores)), free)


def _of_periods(seen: Guess, free: list[Column], period: Column, arm: Column) -> Guess:
    """A crossover with one row for each period."""
    subject = seen.columns[seen.roles["subject"]]
    if twice([subject.text, period.text]):
        return seen
    scores = _scores(free, [*seen.roles.values()], period, arm)
    fitting = tuple(outcomes_of_visits([c for c in scores if c.numeric]))
    found = _with_outcome(seen, fitting, free)
    return replace(found, kind="periods") if found.kind == "long" else found


def _of_several_times(raw: RawTable, seen: Guess, free: list[Column]) -> Guess:
    """A file whose participants have several rows with a time each: repeated, or one is chosen."""
    timed = _surely_timed(free)
    if not timed:
        return seen
    subject = seen.columns[seen.roles["subject"]].text
    if any(_recur(seen, outcome) for outcome in timed):
        return seen
    whose = {"cluster": seen.roles["subject"]}
    told = [seen.columns[name] for outcome in timed for name in outcome.roles.values()]
    if all(column.constant for column in told):
        once = replace(raw, frame=raw.frame[~subject.duplicated()])
        return _guess(once, seen.asked.answers)
    splits = [c for c in free if few(c) and not twice([subject, c.text]) and c.labels()]
    splits = [c for c in splits if c.name not in {o.name for o in told}]
    question = seen.asked.decide(
        "rows",
        "Participants have several rows with a time each. Which rows are analysed?",
        [
            *(
                Choice(f"{c.name} {label}", f"{int(c.counts[label])} rows")
                for c in splits
                for label in c.labels()
            ),
            Choice(
                EACH_ROW,
                f"{len(subject)} rows, each a unit of its own as the eyes of one person; standard "
                "errors are robust to what rows of one participant share",
            ),
        ],
    )
    if question.taken == EACH_ROW:
        each = pd.Series([str(row) for row in range(len(subject))], index=subject.index)
        units = {name: replace(c, subjects=each) for name, c in seen.columns.items()}
        found = _one_row_each(raw, units, whose, Asked(seen.asked.answers))
        found.asked.questions.insert(0, question)
        return found
    for column in splits:
        for label in column.labels():
            if question.taken == f"{column.name} {label}":
                rows = replace(raw, frame=raw.frame[column.text == label])
                found = _guess(rows, seen.asked.answers)
                found.asked.questions.insert(0, question)
                return replace(found, only={column.name: [label]})
    return replace(seen, kind="open")


def _recur(seen: Guess, timed: Outcome) -> bool:
    """Whether times run on from row to row, the last one of each participant without an event."""
    mark = seen.columns[timed.roles.get("occurred", timed.roles.get("censored", ""))]
    if not mark.binary:
        return False
    time, subject = seen.columns[timed.roles["time"]], seen.columns[seen.roles["subject"]]
    rows = pd.DataFrame({"who": subject.text, "time": time.number, "seen": mark.number})
    rows = rows.sort_values(["who", "time"])
    last = ~rows["who"].duplicated(keep="last")
    ends = 1.0 if "censored" in timed.roles else 0.0
    return bool((rows["seen"].eq(ends) == last).all())


def _surely_timed(columns: list[Column]) -> list[Outcome]:
    """Times with a mark that is named as one."""
    return [found for found in timed_columns(columns) if found.weight >= NAMED]


def _scores(
    columns: list[Column], used: list[str], visit: Column, arm: Column | None
) -> list[Column]:
    """What changes within a subject and differs within a visit and arm.

    What another of these columns determines is calculated from it, and is left out.
    """
    free = [c for c in columns if c.name not in used and not c.constant]
    planned = [visit.text] if arm is None else [visit.text, arm.text]
    free = [c for c in free if c.text.groupby(planned).nunique().gt(1).any()]
    plain = [c for c in free if not is_derived(c) and rank(c, BASELINE_WORDS) is None]
    return [c for c in plain if not any(_determines(other, c) for other in plain)]


def _determines(finer: Column, coarser: Column) -> bool:
    """Whether a column with more values tells the value of another, in many rows of each."""
    if not len(coarser.counts) < len(finer.counts) <= len(finer.told) / 2:
        return False
    known = (finer.codes >= 0) & (coarser.codes >= 0)
    of_finer = finer.codes[known]
    pairs = np.unique(of_finer * len(coarser.counts) + coarser.codes[known])
    return len(pairs) == len(np.unique(of_finer))


def _of_intervals(seen: Guess, columns: list[Column]) -> Guess:
    """Rows of start and stop with the column of their events, asked where several may say so."""
    marks = events_of_rows(columns)
    question = ask_mark(seen.asked, marks)
    used = [*seen.roles.values(), *(c.name for c in marks)]
    seen = replace(seen, covariates=_covariates(columns, used))
    if question.is_open:
        return replace(seen, kind="open")
    return replace(seen, roles=seen.roles | {"occurred": question.taken})


def _numbers_centres(column: Column) -> bool:
    """Whether a column holds numbers that stand for centres, which are no quantity."""
    return column.numeric and not column.binary and CENTRE.search(column.name) is not None


def _covariates(columns: list[Column], used: list[str]) -> tuple[str, ...]:
    """What stays the same in a subject and was, by its name, known before treatment."""
    free = [c for c in columns if c.name not in used and c.constant and len(c.counts) > 1]
    fitting = [c for c in free if c.numeric or len(c.labels()) == len(c.counts) <= MOST_LEVELS]
    plain = [c for c in fitting if before_randomisation(c) and not is_derived(c)]
    known = [c for c in plain if rank(c, BASELINE_WORDS) is None]
    full = [c for c in known if len(c.told) == len(c.text) and not _numbers_centres(c)]
    return tuple(c.name for c in full)[:MOST_COVARIATES]
