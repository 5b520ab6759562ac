"""Who was screened and did not enter, where the file of participants holds their rows, too.

ADSL of all screened names them in ARM (ARMCD "SCRNFAIL", ADaM IG 3.2.2 and SDTM IG 5.2); plain
files name them in the arm or in the reason for leaving.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from ketaoutcomes.data.fields import columns_of_role
from ketaoutcomes.data.mapping import participants_of
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole

Raws = dict[FileRole, RawTable]

FAILED: Final = frozenset(("screenfailure", "screenfail", "screeningfailure", "scrnfail"))
"""What data call a screen failure, without capitals, spaces and signs."""

OF_ADAM: Final = ("ARM", "ACTARM", "ARMCD", "TRT01P", "DCSREAS", "EOSSTT")
WHY: Final = ("DCSREAS",)
NOT_TOLD: Final = "did not pass screening"


@dataclass(frozen=True)
class Screened:
    """How many people the file of participants holds, and why some of them did not enter."""

    listed: int
    excluded: tuple[tuple[str, int], ...]


def without_screen_failures(raws: Raws, plan: AnalysisPlan) -> tuple[Raws, Screened | None]:
    """The files without the rows of screen failures, and how many people the one of people holds.

    None in place of the numbers where no file says who took part.
    """
    raw = raws.get("subjects")
    if raw is None:
        return raws, None
    failed = _failed(raw, plan)
    who = participants_of(raw, "subjects", plan)
    if "subject" not in who:
        return raws, None
    listed = int(who["subject"].nunique())
    if not failed.any():
        return raws, Screened(listed, ())
    reasons = _reasons(raw, plan)[failed].groupby(who.loc[failed, "subject"]).first()
    counts = Counter(reasons)
    excluded = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    left = {role: _without(table, role, plan, set(reasons.index)) for role, table in raws.items()}
    return left, Screened(listed, excluded)


def _told(
    raw: RawTable, plan: AnalysisPlan, fields: tuple[str, ...], adam: tuple[str, ...]
) -> list[str]:
    """The columns of the file that hold these fields, with those of ADaM."""
    named = columns_of_role(plan.data, "subjects")
    names = [name for field in fields for name in named.get(field, ())]
    names += adam if plan.data.standard is not None else ()
    return list(dict.fromkeys(column for column in map(raw.find, names) if column is not None))


def _failed(raw: RawTable, plan: AnalysisPlan) -> pd.Series:
    """Which rows are of screen failures."""
    failed = pd.Series(data=False, index=raw.frame.index)
    for column in _told(raw, plan, ("arm", "reason"), OF_ADAM):
        failed |= _letters(raw.frame[column]).isin(FAILED)
    return failed


def _letters(words: pd.Series) -> pd.Series:
    return words.fillna("").astype(str).str.casefold().str.replace(r"[\W_]+", "", regex=True)


def _reasons(raw: RawTable, plan: AnalysisPlan) -> pd.Series:
    """Why each row did not enter, in the words of the data."""
    told = pd.Series(NOT_TOLD, raw.frame.index, dtype=object)
    for column in reversed(_told(raw, plan, ("reason",), WHY)):
        words = raw.frame[column]
        is_reason = words.fillna("").astype(str).str.strip().ne("") & ~_letters(words).isin(FAILED)
        told = told.mask(is_reason, words.str.strip().str.casefold())
    return told


def _without(raw: RawTable, role: FileRole, plan: AnalysisPlan, failed: set[str]) -> RawTable:
    who = participants_of(raw, role, plan)
    if "subject" not in who:
        return raw
    return replace(raw, frame=raw.frame[~who["subject"].isin(failed)])
