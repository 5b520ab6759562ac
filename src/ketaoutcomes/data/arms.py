"""Arms that a file tells in one row of a participant, as REDCap does, hold for its other rows."""

from dataclasses import replace

import pandas as pd

from ketaoutcomes.data.mapping import MappedTable
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import COUNT, Remark

Tables = dict[FileRole, MappedTable]
KEY = ["subject", "phase"]


def with_known_arms(tables: Tables) -> tuple[Tables, tuple[Remark, ...]]:
    """The tables with an arm in each row of whoever has one arm in the phase, and what was filled.

    A participant with two arms in a phase is left to the contract, as is one with none.
    """
    holding = {role: table for role, table in tables.items() if table.has(*KEY, "arm")}
    if not any(table.frame["arm"].isna().any() for table in holding.values()):
        return tables, ()
    told = pd.concat([table.frame[[*KEY, "arm"]] for table in holding.values()]).dropna()
    known = told.drop_duplicates().drop_duplicates(KEY, keep=False).set_index(KEY)["arm"]
    filled: Tables = dict(tables)
    remarks: list[Remark] = []
    for role, table in holding.items():
        rows = table.frame["arm"].isna()
        found = known.reindex(pd.MultiIndex.from_frame(table.frame.loc[rows, KEY])).to_numpy()
        count = int(pd.notna(found).sum())
        if count:
            frame = table.frame.copy(deep=False)
            arms = frame["arm"].to_numpy(dtype=object, copy=True)
            arms[rows.to_numpy()] = found
            frame["arm"] = pd.Series(arms, frame.index, dtype=object).mask(pd.isna(arms), None)
            filled[role] = replace(table, frame=frame)
            remarks.append(
                Remark(
                    f"{COUNT} without an arm have that of the other rows of the participant",
                    where=f"{table.name}, column `{table.columns.get('arm', 'arm')}`",
                    count=count,
                    total=len(frame),
                    unit="row",
                )
            )
    return filled, tuple(remarks)
