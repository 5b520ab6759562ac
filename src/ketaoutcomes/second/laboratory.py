"""Laboratory shifts and limits by a second program: DuckDB grades, ranks and counts the values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import LaboratoryTest
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
from ketaoutcomes.second.rows import SHOWN

if TYPE_CHECKING:
    import duckdb

GRADED = """
    create or replace temp table graded as
    with limited as (
        select l.subject, a.arm, l.day, l.value, l.baseline::boolean as baseline,
            l.baseline_indicator::varchar as baseline_indicator,
            case when not $ranged then l.indicator::varchar end as indicator,
            case when $ranged then $low::double else l.low::double end as low,
            case when $ranged then $high::double else l.high::double end as high
        from laboratory l join assignments a using (subject, phase)
        where l.phase = $phase and l.test = $test
    ), classed as (
        select *,
            greatest(coalesce(low - value, 0), coalesce(value - high, 0), 0) as outside,
            coalesce(indicator, case
                when value < low then 'low'
                when value > high then 'high'
                when coalesce(low, high) is not null then 'normal' end) as class
        from limited
    )
    select *, {'known': class is not null, 'abnormal': coalesce(class <> 'normal', false),
        'outside': outside, 'high': coalesce(class = 'high', false)} as badness
    from classed
"""
FIRST = """
    create or replace temp table first_values as
    select subject, day, class from graded
    where case when (select count(baseline) from graded) > 0 then baseline else day <= 0 end
    qualify row_number() over (partition by subject order by day desc, badness desc) = 1
"""
LATER = """
    create or replace temp table later_values as
    select g.* from graded g left join first_values f using (subject)
    where g.day > greatest(coalesce(f.day, 0), 0) and not coalesce(g.baseline, false)
"""
SHIFTS = """
    with told as (
        select subject, min(baseline_indicator) as class from graded
        where not $ranged and baseline_indicator is not null group by subject
    ), before as (
        select subject, coalesce(f.class, t.class) as class
        from first_values f full join told t using (subject)
    ), after as (
        select subject, arm, class from later_values where class is not null
        qualify row_number() over (partition by subject order by {order}) = 1
    )
    select arm, before.class || ' to ' || after.class as shift, count(*) as n
    from before join after using (subject) where before.class is not null group by all
"""
ORDER = {"lbt01": "badness desc", "lbt02": "day desc, badness desc"}
BEYOND = """
    select arm, count(distinct subject) as n,
        count(distinct subject) filter (where {beyond}) as found
    from later_values where {among} group by arm
"""


def check_laboratory(
    connection: "duckdb.DuckDBPyConnection", plan: AnalysisPlan, results: tuple[Result, ...]
) -> Iterator[Check]:
    """Shifts to the worst and the last value and values beyond limits, of each test and phase.

    Parameters
    ----------
    connection : DuckDBPyConnection
        With the frames of the cohort, each under its name.
    """
    tests = plan.safety.laboratory if plan.safety is not None else {}
    own = [row for row in results if row.table in (*ORDER, "lbt03") and row.status in SHOWN]
    for phase in dict.fromkeys(row.phase for row in own):
        for name, test in tests.items():
            start = f"{name}: "
            mine = [row for row in own if row.phase == phase and row.group.startswith(start)]
            if mine:
                _grade(connection, phase, name, test)
                yield from _shifts(connection, test, mine, start)
                yield from _beyond(connection, test, mine, start)


def _ranged(test: LaboratoryTest) -> bool:
    return test.normal_low is not None or test.normal_high is not None


def _grade(
    connection: "duckdb.DuckDBPyConnection", phase: str, name: str, test: LaboratoryTest
) -> None:
    """Tables of the values of one test: all, those of the baseline, the later ones."""
    low = {"ranged": _ranged(test), "low": test.normal_low, "high": test.normal_high}
    connection.execute(GRADED, {"phase": phase, "test": name, **low})
    connection.execute(FIRST)
    connection.execute(LATER)


def _program() -> str:
    return program_of("duckdb", "queries over the laboratory values")


def _shifts(
    connection: "duckdb.DuckDBPyConnection",
    test: LaboratoryTest,
    rows: list[Result],
    start: str,
) -> Iterator[Check]:
    for table, order in ORDER.items():
        query, ranged = SHIFTS.format(order=order), {"ranged": _ranged(test)}
        counted = connection.execute(query, ranged).fetchall()
        found = {(arm, shift): count for arm, shift, count in counted}
        for row in (row for row in rows if row.table == table):
            count = found.get((row.arm, row.group.removeprefix(start)), 0)
            second = Second(program=_program(), tolerance=SAME_COUNT, estimate=float(count))
            yield from checks_of(row, second)
            if row.n is not None:
                whole = sum(n for (arm, _), n in found.items() if arm == row.arm)
                yield n_check(row, _program(), whole)


def _beyond(
    connection: "duckdb.DuckDBPyConnection",
    test: LaboratoryTest,
    rows: list[Result],
    start: str,
) -> Iterator[Check]:
    """Shares of those with a later value, with the exact interval by quantiles of the beta law."""
    for words, beyond, among in _limits(test):
        query = BEYOND.format(beyond=beyond, among=among)
        found = {arm: (n, count) for arm, n, count in connection.execute(query).fetchall()}
        for row in (row for row in rows if row.group == f"{start}{words}"):
            n, count = found.get(row.arm, (0, 0))
            yield n_check(row, _program(), n)
            if n and row.conf_level is not None:
                yield from checks_of(row, _exact(count, n, row.conf_level))


def _limits(test: LaboratoryTest) -> Iterator[tuple[str, str, str]]:
    """The words of each limit, the values beyond it and those that can be."""
    for limit in test.below:
        yield f"below {limit:g}", f"value < {limit!r}", "true"
    for limit in test.above:
        yield f"above {limit:g}", f"value > {limit!r}", "true"
    for times in test.above_times_upper:
        words = f"above {times:g} times the upper limit of normal"
        yield words, f"value > {times!r} * high", "high is not null"


def _exact(count: int, n: int, level: float) -> Second:
    from scipy.stats import beta  # noqa: PLC0415 - slow to import

    tail = (1 - level) / 2
    return Second(
        program=f"{_program()}; {program_of('scipy', 'quantiles of the beta distribution')}",
        tolerance=SAME_SUM,
        estimate=count / n,
        conf_low=float(beta.ppf(tail, count, n - count + 1)) if count else 0.0,
        conf_high=float(beta.isf(tail, count + 1, n - count)) if count < n else 1.0,
    )
