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
