"""What a file that no plan was made for looks like, and what a plan would need of it."""

from itertools import combinations
from math import prod
from typing import Final

from ketaoutcomes.data.inspection.column_words import START_WORDS, STOP_WORDS, named
from ketaoutcomes.data.inspection.groups import few
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, count_shown
from ketaoutcomes.data.inspection.subjects import MOST_VISITS, TELLING_VISITS, twice
from ketaoutcomes.data.mapping import is_number

SHAPES: Final = "the page of shapes (docs/shapes.md) has a block for it"
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
    """Sentences on the rows of a file that was not recognised; empty for all other files."""
    if guess.kind not in ("unknown", "subjects"):
        return ()
    subject = guess.column("subject")
    if subject is None:
        return (
            "Each row may be a participant or a visit: no column is called after a participant, "
            "and none after a treatment, a visit or a time to an event.",
            "A plan needs the names of these columns under `data: columns`.",
        )
    rows, people = len(subject.told), len(subject.counts)
    if rows == people:
        return (
            f"Each row is a participant of `{subject.name}`. No column is called after an outcome: "
            "name it in a plan, as `scores` or as `time` and `occurred`.",
        )
    head = f"{count_shown(rows)} rows of {count_shown(people)} participants (`{subject.name}`)."
    head = head[:1].upper() + head[1:]
    if people < SMALLEST_GROUP:
        return (head, FEW_PARTICIPANTS)
    free = [c for c in guess.columns.values() if c is not subject and not c.constant]
    if named(free, START_WORDS) and named(free, STOP_WORDS):
        return (head, *OF_EPISODES)
    return (
        head,
        *(_worded(free) or _factors(free, subject) or _times(free, subject) or (_no_visit(free),)),
    )


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
