"""Columns that a plan does not use, and that say something of how its rows must be read."""

import re
from typing import Final

import pandas as pd

from ketaoutcomes.data.inspection.amounts import about, people_of
from ketaoutcomes.data.inspection.column_words import ARM_WORDS, named
from ketaoutcomes.data.inspection.groups import few
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.profile import Column, count_shown

REASON: Final = re.compile(
    r"reason|reas(?![a-z])|dcs?reas|disposition|grund(?![a-z])|motif|motivo|raison|raz[oó]n|causa",
    re.IGNORECASE,
)
"""Names of why somebody discontinued."""
OF_A_SET: Final = re.compile(
    r"(?:itt|mitt|fas|pp|pps|saf|safety|rand|full|comp|compl|pprot|enrl|eval|rescue|dth)[._ ]?fl"
    r"|.*(?<![a-z])(?:m?itt|fas|per[._ -]?protocol|analysis[._ -]?set|eligib\w*"
    r"|screen[._ -]?fail\w*|evaluable|exclu\w*|includ\w*|withdrawn"
    r"|randomi[sz]ed[._ -]?(?:yn|flag)|valid)(?![a-z]).*",
    re.IGNORECASE,
)
"""Names of who belongs to an analysis set."""
OF_A_ROW: Final = re.compile(
    r"dtype|.*(?<![a-z])(?:imputed|locf|bocf|derived|anl\d*fl|record[._ -]?type|row[._ -]?type"
    r"|carried[._ -]?forward|duplicate)(?![a-z]).*",
    re.IGNORECASE,
)
"""Names of whether a row was measured, or calculated from others."""
OF_A_BASELINE: Final = re.compile(
    r"a?blfl|b(?:ase)?l(?:ine)?[._ -]?(?:flag|fl)|baseline[._ -]?record", re.IGNORECASE
)
"""Names of which row is the baseline."""
OF_IMPUTATION: Final = re.compile(
    r"[._]?(?:imp|imputation|impnum|imputed[._ ]?data\w*|mi)[._]?(?:id|no|num)?_?", re.IGNORECASE
)
"""Names of the number of an imputed data set."""
MOST_VALUES: Final = 6
MOST_REASONS: Final = 20


def reason_of_end(guess: Guess) -> Column | None:
    """The column that may say why follow-up ended; None where none is called so."""
    found = (
        c
        for c in _unused(guess)
        if not c.numeric and REASON.search(c.name) and 0 < len(c.counts) <= MOST_REASONS
    )
    return next(found, None)


def noticed(guess: Guess) -> tuple[str, ...]:
    """What columns that the plan does not use say of its rows or of the end of follow-up."""
    told = []
    reason = reason_of_end(guess)
    if reason is not None:
        told.append(
            f"`{reason.name}` may say why participants discontinued ({about(people_of(reason))} "
            "have one), and is not used: name it as "
            "`reason` to report it, or to handle it as an intercurrent event"
        )
    for column in _unused(guess):
        several = len(column.counts) + int(len(column.told) < len(column.text)) > 1
        if len(column.counts) > MOST_VALUES or not several or column.name in guess.covariates:
            continue
        if OF_A_ROW.fullmatch(column.name):
            told.append(
                f"`{column.name}` may say which rows were calculated and not measured, and all "
                f"are used ({_sizes(column)}): keep some of them by `where`"
            )
        elif OF_A_BASELINE.fullmatch(column.name):
            told.append(
                f"`{column.name}` may say which row is the baseline ({_sizes(column)}), and is not "
                "read for it: compare it with the baseline of the plan"
            )
        elif OF_A_SET.fullmatch(column.name):
            told.append(
                f"`{column.name}` may say who belongs to an analysis set, and all rows are used "
                f"({_sizes(column)}): keep some of them by `where`"
            )
    return tuple(told)


def never_back(guess: Guess) -> tuple[str, ...]:
    """That arms change in one direction alone, as in a stepped wedge."""
    arm, subject = guess.column("arm"), guess.column("subject")
    time = guess.column("phase") or guess.column("visit") or guess.visit_offered
    if arm is None:
        given = (c for c in named(_unused(guess), ARM_WORDS) if few(c) and not c.constant)
        arm = next(given, None)
    if arm is None or subject is None or time is None or arm.constant or not time.numeric:
        return ()
    rows = pd.DataFrame({"who": subject.text, "at": time.number, "arm": arm.text}).dropna()
    rows = rows.sort_values(["who", "at"])
    before = rows["arm"].groupby(rows["who"]).shift()
    changes = rows[before.notna() & before.ne(rows["arm"])]
    ways = {*zip(before[changes.index], changes["arm"], strict=True)}
    if len(ways) != 1 or changes["who"].duplicated().any() or rows["at"].nunique() < len("abc"):
        return ()
    ((first, then),) = ways
    if {first, then} - set(arm.labels()):
        first, then = "one arm", "another"
    return (
        f"{about(changes['who'].nunique())} participants change from `{first}` to `{then}` and "
        "never back, as in a stepped wedge: the effect rests on the plan's adjustment for time, "
        "and sites that change together count as independent",
    )


def _unused(guess: Guess) -> list[Column]:
    used = {*guess.roles.values(), *guess.scores, *guess.only}
    used |= {name for group in guess.wide for name in group.columns.values()}
    return [c for c in guess.columns.values() if c.name not in used]


def _sizes(column: Column) -> str:
    """Rows of each label that may be shown."""
    shown = [f"{label}: {count_shown(int(column.counts[label]))} rows" for label in column.labels()]
    empty = len(column.text) - len(column.told)
    shown += [f"empty: {count_shown(empty)} rows"] if empty else []
    return ", ".join(shown) or "labels of few rows"
