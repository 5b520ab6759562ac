"""Who is in: whoever `where` leaves out of the file of participants or of arms is out everywhere.

`where` on another file selects rows; the participants stay, and the counts are reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from ketaoutcomes.data.fields import rows_to_keep
from ketaoutcomes.data.mapping import MappedTable
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import COUNT, Remark

Tables = dict[FileRole, MappedTable]

OF_PARTICIPANTS: Final[tuple[FileRole, ...]] = ("subjects", "assignments")
"""Files whose rows are participants: one of whom none is kept is out of the study."""
OF_OUTCOMES: Final[tuple[FileRole, ...]] = ("visits", "times")
"""Files without a row of which a participant stays in the analysis and has no outcome."""


FEW: Final = 0.05
"""The share of participants up to which a note is enough."""


@dataclass(frozen=True)
class Kept:
    """A file before and after `where`.

    Attributes
    ----------
    before : DataFrame
        `subject`, and `phase` and `arm` where the file says them, of every row.
    table : MappedTable
        The rows that are left.
    """

    before: pd.DataFrame
    table: MappedTable

    @property
    def lost(self) -> pd.DataFrame:
        """The participants (and phases, where the file says them) of whom no row is left."""
        key = [field for field in ("subject", "phase") if field in self.before]
        if "subject" not in key:
            return pd.DataFrame({"subject": pd.Series(dtype=object)})
        pairs = self.before[key].dropna().drop_duplicates()
        left = pd.MultiIndex.from_frame(self.table.frame[key])
        return pairs[~pd.MultiIndex.from_frame(pairs).isin(left)]


def only_participants(
    files: dict[FileRole, Kept], plan: AnalysisPlan
) -> tuple[Tables, tuple[Remark, ...]]:
    """The tables without those who are out of the study, and how many these are."""
    data = plan.data
    tables = {role: file.table for role, file in files.items()}
    remarks: list[Remark] = []
    for role, gone in _out_of_the_study(files, data).items():
        lost = gone[gone["phase"].isin(list(plan.phases))] if "phase" in gone else gone
        if lost.empty:
            continue
        tables = {key: _without(table, lost) for key, table in tables.items()}
        remarks += _out_remarks(files[role], role, lost)
    for role, file in files.items():
        if role not in OF_PARTICIPANTS and rows_to_keep(data, role)[0]:
            remarks += _rows_left_out(file, role)
    return tables, (*remarks, *_strangers(tables))


def _out_of_the_study(files: dict[FileRole, Kept], data: DataBlock) -> dict[FileRole, pd.DataFrame]:
    """Role of the file -> whom `where` leaves out by it.

    Where neither the file of participants nor that of assignments says the arm, the files that say
    it define who is in: whoever has no row left in any of them is out.
    """
    asked = [role for role in files if rows_to_keep(data, role)[0]]
    lost = {role: files[role].lost for role in OF_PARTICIPANTS if role in asked}
    arms = [role for role, file in files.items() if {"subject", "arm"} <= {*file.before}]
    if arms and not set(arms) & set(OF_PARTICIPANTS):
        key = ["subject", *(["phase"] if all("phase" in files[r].before for r in arms) else [])]
        left = pd.concat([files[role].table.frame[key] for role in arms])
        for role in (role for role in arms if role in asked):
            gone = files[role].lost
            still = pd.MultiIndex.from_frame(gone[key]).isin(pd.MultiIndex.from_frame(left))
            lost[role] = gone[~still]
    return lost


def _without(table: MappedTable, lost: pd.DataFrame) -> MappedTable:
    """A table without the rows of these participants, in these phases where it says phases."""
    if not table.has("subject"):
        return table
    key = [field for field in map(str, lost) if table.has(field)]
    rows = pd.MultiIndex.from_frame(table.frame[key])
    return replace(table, frame=table.frame[~rows.isin(pd.MultiIndex.from_frame(lost[key]))])


def _out_remarks(file: Kept, role: FileRole, lost: pd.DataFrame) -> Iterator[Remark]:
    """How many are out altogether, and how many of some phases only."""
    where = f"`data.where.{role}`"
    everyone = int(file.before["subject"].nunique())
    still = lost["subject"].isin(file.table.frame["subject"])
    for some, words in (
        (lost[~still], "they are left out of every file and analysis"),
        (lost[still], "they are left out of {phases}, in every file"),
    ):
        if some.empty:
            continue
        phases = ", ".join(f"phase `{name}`" for name in sorted(set(some.get("phase", ()))))
        yield Remark(
            f"`where` leaves out {COUNT} of the {everyone} in this file; "
            f"{words.format(phases=phases)}",
            where=where,
            count=int(some["subject"].nunique()),
            total=everyone,
        )


def _rows_left_out(file: Kept, role: FileRole) -> list[Remark]:
    """Rows that `where` leaves out of a file, and participants who stay in without any."""
    where = f"`data.where.{role}`"
    rows, left = len(file.before), file.table.frame.index.nunique()
    if rows == left:
        return []
    told = [
        Remark(
            f"`where` leaves out {COUNT} of the {rows} in this file",
            where=where,
            count=rows - left,
            total=rows,
            unit="row",
        )
    ]
    arms = "arm" in file.before
    gone = file.lost["subject"].nunique()
    if role in OF_OUTCOMES and gone and not arms:
        everyone = file.before["subject"].nunique()
        told.append(
            Remark(
                f"{COUNT} have no row left in this file; they stay in the analyses, without an "
                "outcome from it",
                where=where,
                remedy="To leave them out, put the same `where` on the file of participants",
                count=int(gone),
                gravity="warning" if gone > FEW * everyone else "note",
            )
        )
    return told


def _strangers(tables: Tables) -> tuple[Remark, ...]:
    """Participants of other files whom the file of participants does not have."""
    listed = tables.get("subjects")
    if listed is None or not listed.has("subject"):
        return ()
    known = set(listed.frame["subject"].dropna())
    told = []
    for role, table in tables.items():
        if role == "subjects" or not table.has("subject"):
            continue
        count = len(set(table.frame["subject"].dropna()) - known)
        if count:
            told.append(
                Remark(
                    f"{COUNT} of this file are not in the `subjects` file",
                    where=f"`data.files.{role}`",
                    remedy="Compare how the files write the identifiers, and whether one of them "
                    "is an extract",
                    count=count,
                    gravity="warning",
                )
            )
    return tuple(told)
