"""Observed and missing scores by visit, and the pattern of what is missing."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import DERIVED
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.results import Result

TABLE = "mist01"


def missing_data(data: ChangeData) -> tuple[Result, ...]:
    """Counts by arm: observed, derived and missing at each visit, and the patterns of these.

    Scores that the data mark as derived, such as carried forward, are not observed. Where there
    are any, they have rows of their own, and patterns are those of what was observed.

    `group` is the endpoint, or "endpoint: pattern". A visit at which nobody has a score does not
    count: the scale was not due there.
    """
    scored = set(data.frame.loc[data.frame["score"].notna(), "visit"])
    due = tuple(visit for visit in data.visits if visit in scored)
    return tuple(row for arm in data.arms for row in _arm(data, arm, due)) if due else ()


def _arm(data: ChangeData, arm: str, due: tuple[str, ...]) -> Iterator[Result]:
    here = data.frame[data.frame["arm"] == arm]
    filled = _where(here, here["score"].notna(), due)
    any_derived = DERIVED in data.frame and data.frame[DERIVED].notna().any()
    derived = _where(here, here[DERIVED].notna(), due) if any_derived else filled & False
    seen = filled & ~derived
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
        at = replace(common, visit=visit, n=len(seen))
        if any_derived:
            count += int(derived[visit].sum())
            yield replace(at, statistic=DERIVED, estimate=float(derived[visit].sum()))
        yield replace(at, statistic="missing", estimate=float(len(seen) - count))
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


def _where(here: pd.DataFrame, true: pd.Series, due: tuple[str, ...]) -> pd.DataFrame:
    """Where something is true, one row a subject and one column a visit."""
    visits = here["visit"].unique()
    if _is_grid(here, visits):
        wide = pd.DataFrame(true.to_numpy().reshape(-1, len(visits)), columns=visits)
    else:
        wide = here.assign(true=true).pivot(index="subject", columns="visit", values="true")
    return wide.reindex(columns=list(due), fill_value=False).astype(bool)


def _is_grid(here: pd.DataFrame, visits: NDArray[np.object_]) -> bool:
    """Whether each subject has a row of each visit, one below the other in the same order."""
    if not len(visits) or len(here) % len(visits):
        return False
    subject = here["subject"].to_numpy().reshape(-1, len(visits))
    visit = here["visit"].to_numpy().reshape(-1, len(visits))
    return bool((visit == visits).all() and (subject[:, 1:] == subject[:, :-1]).all())
