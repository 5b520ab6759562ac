"""Descriptive counts by a second program: one DuckDB query each over the cohort's rows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import (
    SAME_COUNT,
    SAME_SUM,
    Check,
    Second,
    checks_of,
    n_check,
    program_of,
)
from ketaoutcomes.second.laboratory import check_laboratory
from ketaoutcomes.second.rows import SHOWN

if TYPE_CHECKING:
    import duckdb

FLOW = """
    select a.phase, a.arm, f.reason, count(*) as n
    from assignments a left join follow_up f using (subject, phase) group by all
"""
ADVERSE = """
    select e.phase, a.arm, count(distinct e.subject) as subjects,
        count(distinct e.subject) filter (where e.serious) as serious,
        count(distinct e.subject) filter (where e.related) as related,
        {fatal} as fatal,
        count(distinct e.subject) filter (where lower(e.severity) = 'severe') as severe
    from adverse_events e join assignments a using (subject, phase) group by all
"""
FATAL = "count(distinct e.subject) filter (where e.fatal::boolean)"
OVERVIEW = {
    "any adverse event": "subjects",
    "serious": "serious",
    "related": "related",
    "severe": "severe",
    "fatal adverse event": "fatal",
}
BASELINE = """
    select a.arm, count(s."{name}") as n, avg(s."{name}") as mean,
        stddev_samp(s."{name}") as sd, median(s."{name}") as median
    from assignments a join subjects s using (subject)
    where a.phase = $phase group by a.arm
"""
LEVELS = """
    select a.arm, s."{name}"::varchar as level, count(*) as n
    from assignments a join subjects s using (subject)
    where a.phase = $phase and s."{name}" is not null group by all
"""
SUMMARIES = {"mean": "mean", "SD": "sd", "median": "median"}


def check_descriptions(
    plan: AnalysisPlan, cohort: Cohort, results: tuple[Result, ...]
) -> tuple[Check, ...]:
    """Participant flow, baseline characteristics, adverse events and laboratory values."""
    import duckdb  # noqa: PLC0415 - slow to import

    with duckdb.connect() as connection:
        for name, frame in cohort.frames().items():
            connection.register(name, frame)
        connection.register("follow_up", cohort.follow_up)
        return (
            *_flow(connection, results),
            *_baseline(connection, cohort, results),
            *(_adverse(connection, cohort, results) if len(cohort.adverse_events) else ()),
            *check_laboratory(connection, plan, results),
        )


def _of(results: tuple[Result, ...], table: str) -> Iterator[Result]:
    return (row for row in results if row.table == table and row.status in SHOWN)


def _flow(connection: "duckdb.DuckDBPyConnection", results: tuple[Result, ...]) -> Iterator[Check]:
    counts = connection.sql(FLOW).df()
    for row in _of(results, "dst01"):
        here = counts[(counts["phase"] == row.phase) & (counts["arm"] == row.arm)]
        wanted = {
            "assigned": here,
            "completed": here[here["reason"] == "completed"],
            "left": here[here["reason"] == row.group],
        }
        if row.statistic in wanted and row.n is not None:
            yield n_check(row, _program(), int(wanted[row.statistic]["n"].sum()))


def _program() -> str:
    return program_of("duckdb", "one query over the derived rows")


def _adverse(
    connection: "duckdb.DuckDBPyConnection", cohort: Cohort, results: tuple[Result, ...]
) -> Iterator[Check]:
    query = ADVERSE.format(fatal=FATAL if "fatal" in cohort.adverse_events else "0")
    counts = connection.sql(query).df().set_index(["phase", "arm"])
    for row in _of(results, "aet01"):
        if row.statistic == "subjects" and row.group in OVERVIEW and row.estimate is not None:
            key = (row.phase, row.arm)
            found = counts.loc[key, OVERVIEW[row.group]] if key in counts.index else 0
            second = Second(program=_program(), tolerance=SAME_COUNT, estimate=float(found))
            yield from checks_of(row, second)


def _baseline(
    connection: "duckdb.DuckDBPyConnection", cohort: Cohort, results: tuple[Result, ...]
) -> Iterator[Check]:
    """Covariates of the subjects; the baseline score is checked with the derivations."""
    rows = [row for row in _of(results, "dmt01") if row.arm]
    for phase in dict.fromkeys(row.phase for row in rows):
        assigned = cohort.assignments[cohort.assignments["phase"] == phase]
        own = set(assigned.dropna(axis="columns", how="all").columns)
        for name in cohort.subjects.columns.difference([*own, "subject"]):
            mine = [row for row in rows if row.phase == phase and _variable(row) == name]
            if not mine:
                continue
            if pd.api.types.is_numeric_dtype(cohort.subjects[name]):
                if any(row.statistic == "mean" for row in mine):  # else its values are counted
                    yield from _numeric(connection, phase, name, mine)
            else:
                yield from _levels(connection, phase, name, mine)


def _variable(row: Result) -> str:
    return row.group.split(": ")[0]


def _numeric(
    connection: "duckdb.DuckDBPyConnection", phase: str, name: str, rows: list[Result]
) -> Iterator[Check]:
    """Mean, standard deviation and median, and the difference of means in pooled units."""
    query = BASELINE.format(name=name.replace('"', '""'))
    found = connection.sql(query, params={"phase": phase}).df().set_index("arm")
    for row in rows:
        if row.arm not in found.index or row.estimate is None:
            continue
        value = None
        if row.statistic in SUMMARIES:
            value = float(found.loc[row.arm, SUMMARIES[row.statistic]])
        elif row.statistic == "standardised difference" and row.reference in found.index:
            one, none = found.loc[row.arm], found.loc[row.reference]
            pooled = ((one["sd"] ** 2 + none["sd"] ** 2) / 2) ** 0.5
            value = float((one["mean"] - none["mean"]) / pooled)
        second = Second(program=_program(), tolerance=SAME_SUM, estimate=value)
        yield from checks_of(row, second)


def _levels(
    connection: "duckdb.DuckDBPyConnection", phase: str, name: str, rows: list[Result]
) -> Iterator[Check]:
    """Counts and percentages of each level."""
    query = LEVELS.format(name=name.replace('"', '""'))
    found = connection.sql(query, params={"phase": phase}).df()
    for row in rows:
        here = found[found["arm"] == row.arm]
        level = row.group.removeprefix(f"{name}: ")
        count, total = int(here.loc[here["level"] == level, "n"].sum()), int(here["n"].sum())
        values = {"count": float(count), "percent": 100 * count / total if total else 0.0}
        if row.statistic in values:
            second = Second(program=_program(), tolerance=SAME_SUM, estimate=values[row.statistic])
            yield from checks_of(row, second)
