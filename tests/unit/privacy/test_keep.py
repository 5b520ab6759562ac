"""What a plan keeps is hidden last."""

from dataclasses import replace

import pytest

from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY


def flow() -> ResultTable:
    """108 randomised, 107 analysed: one was left out, which is hidden whichever of both is."""
    row = Result(table="dst01", statistic="assigned", phase="p", arm="a", n=108)
    analysed = replace(row, statistic="analysed", analysis="m", n=107)
    excluded = replace(row, statistic="excluded", analysis="m", arm="", group="no score", n=1)
    mean = replace(analysed, table="mist01", statistic="observed", analysis="", endpoint="e",
                   estimate=80.0, visit="v")  # fmt: skip
    missing = replace(mean, statistic="missing", estimate=27.0)
    return ResultTable((row, analysed, excluded, mean, missing))


def numbers(*keep: str) -> dict[str, tuple[int | None, str]]:
    rows = suppress(NOBODY, flow(), (), 11, keep).results.rows
    return {row.statistic: (row.n, row.suppressed) for row in rows[:3]}


def test_the_sample_is_told_in_round_numbers_and_the_exclusions_are_not():
    found = numbers()
    assert found["excluded"] == (None, "n")
    exact = {"assigned": 108, "analysed": 107}
    rounded = [name for name in exact if found[name][1]]
    assert rounded
    for name in rounded:
        told, words = found[name]
        assert told is not None
        assert abs(told - exact[name]) <= int(words.removeprefix("n:")) / 2


def test_what_the_plan_keeps_is_exact():
    found = numbers("randomised")
    assert found["assigned"] == (108, "")
    assert found["excluded"] == (None, "n")
    assert found["analysed"][0] != 107


@pytest.mark.parametrize("smallest", [3, 6, 20])
def test_other_bounds(smallest):
    rows = suppress(NOBODY, flow(), (), smallest, ()).results.rows
    assert rows[2].n is None
    assert (rows[0].n, rows[1].n) != (108, 107)


def test_all_who_were_excluded_are_not_told_by_those_who_were_not():
    """6 and 3 were left out for two reasons, 9 in all: 40 less 31 who stand beside an effect."""
    flow = [
        Result(table="dst01", statistic=name, phase="p", arm=arm, analysis=analysis, n=n)
        for name, analysis, of_arms in (("assigned", "", (20, 20)), ("analysed", "m", (15, 16)))
        for arm, n in zip("ab", of_arms, strict=True)
    ]
    out = [
        Result(table="dst01", statistic="excluded", phase="p", analysis="m", group=reason, n=n)
        for reason, n in (("no score", 6), ("no mediator", 3))
    ]
    effect = Result(table="medt01", statistic="total effect", phase="p", analysis="m", arm="b",
                    reference="a", estimate=-3.0, n=31)  # fmt: skip
    rows = suppress(NOBODY, ResultTable((*flow, *out, effect)), (), 11, ()).results.rows
    assigned = [row.n for row in rows if row.statistic == "assigned" and not row.suppressed]
    assert len(assigned) < 2 or rows[-1].suppressed
