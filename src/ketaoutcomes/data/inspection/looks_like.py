"""What a file that no plan was made for looks like, and what a plan would need of it."""

import json
import re
from itertools import combinations
from math import prod
from pathlib import Path
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    START_WORDS,
    STOP_WORDS,
    TIME_WORDS,
    named,
)
from ketaoutcomes.data.inspection.groups import few
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, count_shown
from ketaoutcomes.data.inspection.scales import known_scale
from ketaoutcomes.data.inspection.subjects import MOST_VISITS, TELLING_VISITS, twice
from ketaoutcomes.data.mapping import is_number
from ketaoutcomes.data.readers.read import ending_of
from ketaoutcomes.sql import quoted

SHAPES: Final = "the page of shapes (docs/shapes.md) has a block for it"
PLAIN_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")
OF_OTHER_UNITS: Final[dict[str, str]] = {
    "totals": "A plan needs the rows of participants, and no totals of arms: ask for that file.",
    "study level": (
        "A plan with `synthesis:` needs for each study its name, and an effect with its standard "
        "error, or a mean, SD and n (or events and n) of each of two arms."
    ),
}
"""Kind of a file whose rows are no participants -> what a plan needs of it."""
ROWS_ARE_SUBJECTS: Final = (
    "If each row is a participant, `rows_are_subjects: true` stands in place of `subject`."
)
WITHOUT_ARMS: Final = "A study of one arm leaves `arm` out."
MOST_FACTORS: Final = 4
FEW_PARTICIPANTS: Final = (
    f"A label that fewer than {SMALLEST_GROUP} rows have is not shown, so that no visit or arm can "
    "be named here: write them into a plan by hand, under `phases`."
)
MOST_WORDS: Final = 5
OF_EPISODES: Final = (
    "Rows have a start and a stop, as medication, exposure or adverse events have; they hold no "
    "outcome by themselves.",
    "Adverse events are the file `adverse_events` of a plan with an outcome, doses its file "
    "`exposure`. Of medication a plan can take whether and when it began, as an intercurrent event "
    "of the file `events`; how long it was taken is not analysed.",
)


def looks_like(guess: Guess) -> tuple[str, ...]:
    """Sentences on the rows of a file without a plan; empty for files that have one.

    They end with the parts of a plan that were found, those that are missing, and the line to
    write.
    """
    if guess.kind in OF_OTHER_UNITS:
        return (OF_OTHER_UNITS[guess.kind],)
    if guess.kind not in ("unknown", "subjects", "no codes"):
        return ()
    return _recurring(guess) or (*_of_rows(guess), *_parts(guess))


def _of_rows(guess: Guess) -> tuple[str, ...]:
    """What the rows of a file seem to be."""
    subject = guess.column("subject")
    if subject is None:
        return (
            "Each row may be a participant or a visit: no column is called after a participant."
            if guess.kind == "unknown"
            else "Rows seem to be visits, and no column has the code of a participant.",
        )
    rows, people = len(subject.told), len(subject.counts)
    if rows == people:
        return (
            f"Each row is a participant of `{subject.name}`. No column is called after an outcome.",
        )
    head = _rows_of(subject)
    if people < SMALLEST_GROUP:
        return (head, FEW_PARTICIPANTS)
    free = [c for c in guess.columns.values() if c is not subject and not c.constant]
    if named(free, START_WORDS) and named(free, STOP_WORDS):
        return (head, *OF_EPISODES)
    return (
        head,
        *(_worded(free) or _factors(free, subject) or _times(free, subject) or (_no_visit(free),)),
    )


def _rows_of(subject: Column) -> str:
    """How many rows participants have, as far as it may be shown."""
    people = count_shown(len(subject.counts))
    head = f"{count_shown(len(subject.told))} rows of {people} participants (`{subject.name}`)."
    return head[:1].upper() + head[1:]


def _parts(guess: Guess) -> tuple[str, ...]:
    """Which parts of a plan were found, which are missing, and the line that names them."""
    subject = guess.column("subject")
    free = [c for c in guess.columns.values() if c is not subject]
    several = guess.kind == "no codes" or (
        subject is not None and len(subject.counts) < len(subject.told)
    )
    arms = [c for c in named(free, ARM_WORDS) if few(c)]
    visits = [c for c in named(free, TELLING_VISITS) if 1 < len(c.counts) <= MOST_VISITS]
    scores = [c for c in named(free, OUTCOME_WORDS) if c.numeric and c not in (*arms, *visits)]
    scores = [c for c in free if c.numeric and known_scale(c.name)] or scores
    told = {
        "participant": subject,
        "arm": guess.column("arm") or next(iter(arms), None),
        "visit": guess.column("visit") or next(iter(visits), None) if several else None,
        "outcome": next(iter(scores), None),
    }
    found = [f"{part} (`{c.name}`)" for part, c in told.items() if c is not None]
    missing = [part for part, c in told.items() if c is None and (several or part != "visit")]
    names = {p: "NAME" if c is None else in_plan(c.name) for p, c in told.items()}
    last = (
        f"visit: {names['visit']}, value: {names['outcome']}"
        if several
        else f"scores: {{Outcome: {{Week 2: {names['outcome']}}}}}"
    )
    whose = f"subject: {names['participant']}, arm: {names['arm']}"
    line = f"data: {{files: {{visits: {in_plan(guess.file)}}}, columns: {{{whose}, {last}}}}}"
    return (
        f"Found: {', '.join(found) or 'nothing'}. Missing: {', '.join(missing) or 'nothing'}.",
        f"Write, with the names of the columns: `{line}`.",
        *(() if subject else (ROWS_ARE_SUBJECTS,)),
        *(() if told["arm"] else (WITHOUT_ARMS,)),
    )


def in_plan(name: str) -> str:
    """A name as a plan has it: in quotes where it has more than letters and digits."""
    return name if PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _recurring(guess: Guess) -> tuple[str, ...]:
    """Rows of events that come again, and one row for the end of follow-up of each participant."""
    subject, arm = guess.column("subject"), guess.column("arm")
    if subject is None or len(subject.counts) < SMALLEST_GROUP:
        return ()
    full = [c for c in guess.columns.values() if len(c.told) == len(c.text) and not c.constant]
    times = [c for c in named(full, TIME_WORDS) if c.numeric and not c.binary]
    marks = [c for c in named(full, EVENT_WORDS) if c.binary]
    if not times or not marks or not _ends_last(subject, times[0], marks[0]):
        return ()
    who, at, seen = (quoted(c.name) for c in (subject, times[0], marks[0]))
    group, role = (f", max({quoted(arm.name)}) AS arm", ", arm: arm") if arm else ("", "")
    table = quoted(guess.file.removesuffix(ending_of(Path(guess.file))))
    first = f"SELECT {who} AS id, max({at}) AS last_day, 'completed' AS reason{group}"
    return (
        f"{_rows_of(subject)} Each has a row for each event, and one without an event at the end "
        f"of follow-up (`{times[0].name}`, `{marks[0].name}`).",
        "Events that come again are read by two SELECTs of this file, under `data: files`. "
        "With `first_dose_day: 0` days count from 0.",
        f"For `subjects`: `{first} FROM {table} GROUP BY 1`",
        f"For `events`: `SELECT {who} AS id, {at} AS day, 'event' AS event FROM {table} "  # noqa: S608 - shown, not run
        f"WHERE {seen} = 1`",
        f"`columns: {{subject: id, day: [day, last_day], event: event, reason: reason{role}}}` "
        f"names what they give; {SHAPES}.",
    )


def _ends_last(subject: Column, time: Column, mark: Column) -> bool:
    """Whether each participant has one row without an event at most, and it is the last one."""
    rows = pd.DataFrame({"who": subject.text, "time": time.number, "seen": mark.number == 1})
    ends = rows[~rows["seen"]].groupby("who")["time"].agg(["size", "max"])
    last = rows.groupby("who")["time"].max()
    return bool((ends["size"] == 1).all() and (ends["max"] == last[ends.index]).all())


def _worded(free: list[Column]) -> tuple[str, ...]:
    """A column of numbers with words among them, which no list of words for missing has."""
    for column in free:
        numbers = [value for value in column.counts.index if is_number(str(value))]
        words = [str(value) for value in column.counts.index if not is_number(str(value))]
        if numbers and 0 < len(words) <= MOST_WORDS < len(numbers):
            rows = int(column.counts[words].sum())
            shown = [word for word in words if column.counts[word] >= SMALLEST_GROUP]
            told = f" (such as `{shown[0]}`)" if shown else ""
            return (
                f"`{column.name}` holds numbers, and words in {count_shown(rows)} rows{told}.",
                "If they mean missing, list them under `data: missing`; then the column can be a "
                "score.",
            )
    return ()


def _factors(free: list[Column], subject: Column) -> tuple[str, ...]:
    """Columns of few labels that tell the rows of a participant apart together."""
    labelled = [c for c in free if few(c) and len(c.told) == len(c.text)]
    for size in range(2, MOST_FACTORS + 1):
        for together in combinations(labelled, size):
            cells = prod(len(column.counts) for column in (subject, *together))
            once = not twice([column.text for column in (subject, *together)])
            if cells == len(subject.told) and once:
                names = " and ".join(f"`{c.name}`" for c in together)
                return (
                    f"Each participant has a row for each combination of {names}: a design of "
                    "several factors within participants.",
                    f"One factor can be compared as `paired`: keep the rows of one label of the "
                    f"others by `where`, or take their means by a SELECT; {SHAPES}.",
                )
    return ()


def _times(free: list[Column], subject: Column) -> tuple[str, ...]:
    """A column called after a visit or a time that does not tell one row of a participant."""
    for column in named(free, TELLING_VISITS):
        if twice([subject.text, column.text]):
            return (
                f"Rows share their participant and their `{column.name}`, so that it does not say "
                "which row is which.",
                "Say which of them counts by `take`, name a further column as part of the "
                f"participant's code, or keep some of the rows by `where`; {SHAPES}.",
            )
        if len(column.counts) > MOST_VISITS:
            return (
                f"`{column.name}` has {len(column.counts)} different values, each participant's "
                "own: measurements at no common visits.",
                "A plan gives the days of planned visits, and `visit_windows` says how far from "
                f"them a measurement may be; {SHAPES}.",
            )
    return ()


def _no_visit(free: list[Column]) -> str:
    names = ", ".join(f"`{c.name}`" for c in free[:MOST_FACTORS])
    more = f" What differs within participants is {names}." if names else ""
    return (
        "No column has the visit, the period or the condition of a row, once for each "
        f"participant.{more} Name it as `visit` in a plan, or make one by `derive`."
    )
