"""Whether codes of participants begin anew in each arm, or the same people had every condition."""

from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    ASSIGNED_WORDS,
    CONDITION_WORDS,
    DAY_WORDS,
    GROUPED_WORDS,
    OUTCOME_WORDS,
    PERIOD_WORDS,
    TIME_WORDS,
    before_randomisation,
    demographic,
    named,
    rank,
)
from ketaoutcomes.data.inspection.groups import few
from ketaoutcomes.data.inspection.profile import Column, columns_of, count_shown
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.subjects import (
    TELLING_VISITS,
    subject_by_name,
    visit_of,
)
from ketaoutcomes.data.inspection.visits import hold_one_scale
from ketaoutcomes.data.mapping import CENTRE
from ketaoutcomes.data.readers.raw import RawTable

SAME: Final = "same participants"
DIFFERENT: Final = "different participants"
EACH: Final = "each row"
FEWEST_BLOCKS: Final = 5
APART: Final = "different things"
MOST: Final = 0.5
"""So many codes of the smallest condition stand under another one, where codes are shared."""
COUNTED: Final = 0.8
"""Codes that number participants are so full a part of the numbers from the first to the last."""
FEWEST_PAIRS: Final = 5
MOST_ENDS: Final = 12
"""So many visits may end the codes of rows."""
DOSES: Final = frozenset(("dose", "dosis", "dosage", "conc", "concentration"))
"""What was given, which is no score next to another one."""
HARDLY_BY_CHANCE: Final = 0.001
"""A trait that agrees in all rows of each code does so by chance more rarely than this."""


def ask_whose(raw: RawTable, asked: Asked) -> tuple[tuple[str, ...], Question | None]:
    """The columns of arms and of codes, and whether a code under several arms is one person.

    An age or a sex that differs within a code makes it evident that codes begin anew in each arm;
    one that agrees throughout, or codes that do not count, that they are the same people. Else it
    is asked.

    Returns
    -------
    tuple of str
        The column of arms or conditions and that of codes; empty where nothing is in doubt.
    Question or None
    """
    subject = subject_by_name([*columns_of(raw).values()])
    if subject is None:
        return (), None
    columns = columns_of(raw, subject)
    code = columns.pop(subject)
    arm = _shared_by_codes([*columns.values()], code)
    if arm is None:
        return (), None
    return (arm.name, subject), _decide(asked, code, arm, [*columns.values()])


def _shared_by_codes(columns: list[Column], code: Column) -> Column | None:
    """A column of arms or conditions under several of which a code stands, whatever the visit."""
    if visit_of(columns, code, None) is not None:
        return None
    periods = [c for c in named(columns, PERIOD_WORDS) if few(c)]
    arms = [c for c in named(columns, CONDITION_WORDS) if few(c) and _shares(c, code)]
    crossed = any(c.constant_within([period.text]) for c in arms for period in periods)
    return None if crossed else next(iter(arms), None)


def _shares(arm: Column, code: Column) -> bool:
    """Whether most codes of the smallest condition stand under another one, too."""
    under = arm.text.groupby(code.text).nunique()
    sizes = code.text.groupby(arm.text).nunique()
    smallest = code.text[arm.text == sizes.idxmin()].dropna().unique()
    return float((under.reindex(smallest) > 1).mean()) > MOST


def _decide(asked: Asked, code: Column, arm: Column, others: list[Column]) -> Question:
    """The answer that traits of people or the codes themselves make evident; else it is open."""
    traits = [c for c in others if demographic(c) and not CENTRE.search(c.name)]
    differs = next((c.name for c in traits if _differs(c, code, arm)), None)
    agrees = next((c.name for c in traits if _agrees(c, code)), None)
    evident, because = "", ""
    if differs is not None and agrees is None:
        evident, because = DIFFERENT, f"`{differs}` differs within most values of `{code.name}`"
    elif agrees is not None and differs is None:
        evident, because = SAME, f"`{agrees}` is the same in all rows of each `{code.name}`"
    elif differs is None and not _counts(code, arm):
        evident, because = SAME, f"the values of `{code.name}` do not count on, as new codes would"
    pairs = pd.concat([arm.text, code.text], axis=1).dropna().drop_duplicates()
    by_arm = rank(arm, (*ASSIGNED_WORDS, *GROUPED_WORDS)) is not None
    return asked.decide(
        "whose",
        f"The same values of `{code.name}` stand under several values of `{arm.name}`. "
        "Whose are they?",
        [
            Choice(SAME, f"{_people(len(code.counts))}, compared within themselves"),
            Choice(DIFFERENT, f"{_people(len(pairs))}, each under one `{arm.name}`"),
        ],
        evident=evident,
        because=because,
        default=evident or (DIFFERENT if by_arm else SAME),
    )


def blocks_of_rows(columns: list[Column]) -> list[Column]:
    """Columns that may be codes of people, or of blocks, each seen under every label of another.

    A block has as many rows as the next one, and as many under each label of a column of fewer
    labels, as in an experiment on a few workers or animals.
    """
    full = [c for c in columns if len(c.told) == len(c.text)]
    labelled = [c for c in full if few(c)]
    return [c for c in full if _may_number_blocks(c) and any(_crossed(c, f) for f in labelled)]


def _may_number_blocks(column: Column) -> bool:
    whole = not column.numeric or bool((column.number % 1 == 0).all())
    known = rank(column, (*CONDITION_WORDS, *OUTCOME_WORDS)) is not None or _tells_time(column)
    even = 1 < int(column.counts.iloc[0]) == int(column.counts.iloc[-1])
    several = FEWEST_BLOCKS <= len(column.counts) <= len(column.text) / 2
    known = known or bool(DOSES & column.words)
    return whole and even and several and not known and not before_randomisation(column)


def _crossed(block: Column, factor: Column) -> bool:
    """Whether each block has the same number of rows under each of fewer labels."""
    if block is factor or len(factor.counts) >= len(block.counts):
        return False
    cells = pd.crosstab(block.text, factor.text).to_numpy()
    return bool(cells.min() > 0 and cells.min() == cells.max())


def ask_of_blocks(asked: Asked, blocks: list[Column]) -> Question:
    """Whether rows with one value of a column belong together, or each row is a participant."""
    rows = len(blocks[0].text)
    return asked.decide(
        "whose",
        "No column is called after a participant, and rows come in blocks of one size. Whose are "
        "they?",
        [
            *(
                Choice(
                    c.name,
                    f"{_people(len(c.counts))}, {int(c.counts.iloc[0])} rows of each",
                )
                for c in blocks
            ),
            Choice(EACH, f"{_people(rows)}, one a row"),
        ],
    )


def ask_of_keys(asked: Asked, code: Column, others: list[Column]) -> Question | None:
    """Ask whose rows are whose code ends in a visit, as `P001-V1`; None for other codes.

    The first part then stands in several rows with one arm, and few last parts end all codes.
    """
    parts = code.text.str.extract(r"^(?P<who>.+)[-_./ ](?P<at>[^-_./ ]+)$")
    if bool(parts.isna().any(axis=None)):
        return None
    ends, rows = parts["at"].nunique(), parts["who"].value_counts()
    if not 1 < ends <= MOST_ENDS or float((rows > 1).mean()) < MOST or len(rows) < FEWEST_BLOCKS:
        return None
    arms = [c for c in named(others, CONDITION_WORDS) if few(c)]
    if any(c.text.groupby(parts["who"]).nunique().gt(1).any() for c in arms):
        return None
    return asked.decide(
        "whose",
        f"Values of `{code.name}` have two parts, and {ends} last parts end all of them. Whose "
        "are the rows?",
        [
            Choice(EACH, f"{_people(len(code.text))}, one a row"),
            Choice(
                SAME,
                f"{_people(len(rows))}, and the last part is the visit: write both parts in "
                "columns of their own",
            ),
        ],
    )


def are_bare_pairs(columns: list[Column]) -> bool:
    """Whether a file is two columns of numbers that can hold one score, and nothing else."""
    if len(columns) != len("ab") or not all(c.numeric for c in columns):
        return False
    if any(_is_no_score(c) for c in columns) or columns[0].binary is not columns[1].binary:
        return False
    enough = all(len(c.told) >= FEWEST_PAIRS for c in columns)
    return enough and hold_one_scale(columns)


def _is_no_score(column: Column) -> bool:
    plain = not (before_randomisation(column) or _tells_time(column))
    return not plain or bool(DOSES & column.words)


def _tells_time(column: Column) -> bool:
    return rank(column, (*TELLING_VISITS, *TIME_WORDS, *DAY_WORDS)) is not None


def ask_of_pairs(asked: Asked, columns: list[Column]) -> Question:
    """Whether each row of two bare columns is one participant, or a pair of different ones."""
    first, second = (f"`{column.name}`" for column in columns)
    return asked.decide(
        "whose",
        f"Each row has a value of {first} and of {second}. Whose are they?",
        [
            Choice(
                SAME,
                f"{_people(len(columns[0].text))}, one a row: {first} and {second} are compared "
                "within them",
            ),
            Choice(
                DIFFERENT,
                "two groups side by side: write them below each other, with a column that tells "
                "the group",
            ),
            Choice(APART, "no values of one score: nothing is compared"),
        ],
    )


def _people(n: int) -> str:
    return f"{count_shown(n)} participants"


def _differs(trait: Column, code: Column, arm: Column) -> bool:
    """Whether most codes have several values of a trait, and each code under an arm has one.

    A trait that the arm itself tells says nothing of people.
    """
    by_arm = trait.text.groupby(arm.text).nunique().le(1).all()
    within = trait.text.groupby([code.text, arm.text]).nunique()
    several = trait.text.groupby(code.text).nunique().gt(1)
    return not by_arm and bool(within.le(1).all()) and float(several.mean()) > MOST


def _agrees(trait: Column, code: Column) -> bool:
    """Whether a trait is the same in all rows of each code, which chance would hardly give."""
    if not trait.constant or len(trait.told) < len(trait.text):
        return False
    further = len(trait.text) - len(code.counts)
    shares = (trait.counts / len(trait.told)).to_numpy(dtype=float)
    return float(np.square(shares).sum()) ** further < HARDLY_BY_CHANCE


def _counts(code: Column, arm: Column) -> bool:
    """Whether under each arm the codes are numbers that hardly leave one out."""
    digits = code.text.str.replace(r"\D", "", regex=True)
    if digits.dropna().eq("").any():
        return False
    numbers = pd.to_numeric(digits, errors="coerce")
    each = numbers.groupby(arm.text)
    full = each.nunique() >= COUNTED * (each.max() - each.min() + 1)
    return bool(full.all())
