"""Observed and missing scores by visit, and the pattern of what is missing."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.results import Result

TABLE = "mist01"


def missing_data(data: ChangeData) -> tuple[Result, ...]:
    """Counts by arm: observed and missing at each visit; complete, dropped out, intermittent.

    `group` is the endpoint, or "endpoint: pattern". A visit at which nobody has a score does not
    count: the scale was not due there.
    """
    scored = set(data.frame.loc[data.frame["score"].notna(), "visit"])
    due = tuple(visit for visit in data.visits if visit in scored)
    return tuple(row for arm in data.arms for row in _arm(data, arm, due)) if due else ()


def _arm(data: ChangeData, arm: str, due: tuple[str, ...]) -> Iterator[Result]:
    here = data.frame[data.frame["arm"] == arm]
    seen = here.pivot(index="subject", columns="visit", values="score").notna()
    seen = seen.reindex(columns=list(due), fill_value=False)
    common = Result(
        table=TABLE,
        statistic="observed",
        phase=data.phase,
        endpoint=data.name,
        arm=arm,
        group=data.name,
    )
    for visit in due:
        count = int(seen[visit].sum())
        yield replace(common, visit=visit, n=len(seen), estimate=float(count))
        yield replace(
            common, statistic="missing", visit=visit, n=len(seen), estimate=float(len(seen) - count)
        )
    observed = seen.to_numpy()
    complete = observed.all(axis=1)
    monotone = (np.diff(observed.astype(int), axis=1) <= 0).all(axis=1) & ~complete
    patterns = {
        "complete": complete,
        "dropped out": monotone,
        "intermittent": ~complete & ~monotone,
    }
    for pattern, members in patterns.items():
        yield replace(
            common,
            statistic="pattern",
            group=f"{data.name}: {pattern}",
            n=len(seen),
            estimate=float(members.sum()),
        )
