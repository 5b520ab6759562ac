"""What goes with a hidden count, and what stays."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empty_cohort import NOBODY
from ketaoutcomes.families.time_to_event.record import SurvivalCurve, SurvivalRecord
from ketaoutcomes.privacy.curves import means_of_neighbours
from ketaoutcomes.privacy.suppress import Shown, suppress
from ketaoutcomes.privacy.ticks import days_shown
from ketaoutcomes.results import Result, ResultTable


def after(*rows: Result, records: tuple[SurvivalRecord, ...] = ()) -> dict[str, Result]:
    table = suppress(NOBODY, ResultTable(rows), records, 11).results
    return {row.id: row for row in table.rows}


def of_arm(arm: str, responders: int, n: int) -> tuple[Result, Result]:
    keys = {"table": "rspt01", "analysis": "r", "phase": "p", "visit": "v", "arm": arm, "n": n}
    return (
        Result(statistic="responders", estimate=float(responders), **keys),
        Result(
            statistic="proportion", estimate=responders / n, conf_low=0.0, conf_high=1.0, **keys
        ),
    )


def comparison(table: str, statistic: str, **numbers: float) -> Result:
    return Result(
        table=table, statistic=statistic, analysis="r", phase="p", visit="v", arm="a",
        reference="b", n=200, **numbers,
    )  # fmt: skip


def test_a_small_count_takes_share_and_comparison_with_it() -> None:
    found = after(
        *of_arm("a", 5, 100),
        *of_arm("b", 40, 100),
        comparison("rspt01", "risk difference", estimate=-0.35, p_value=0.001),
    )
    for name in ("a/responders", "a/proportion", "a/b/risk_difference"):
        row = found[f"rspt01/r/v/{name}"]
        assert row.status == "suppressed"
        assert (row.estimate, row.conf_low, row.p_value) == (None, None, None)
    assert found["rspt01/r/v/b/proportion"].estimate == 0.4
    assert "estimate" in found["rspt01/r/v/a/responders"].suppressed


def test_nearly_all_betray_the_few_others() -> None:
    found = after(*of_arm("a", 95, 100), *of_arm("b", 40, 100))
    row = found["rspt01/r/v/a/responders"]
    # a round number is told: 95 to 104 of 100, so that none to five did not respond
    assert (row.estimate, row.suppressed) == (100.0, "estimate:10")
    assert found["rspt01/r/v/a/proportion"].status == "suppressed"


def of_events(arm: str, subjects: int, n: int) -> tuple[Result, Result]:
    keys = {"phase": "p", "arm": arm, "group": "any adverse event", "n": n}
    return (
        Result(table="aet01", statistic="subjects", estimate=float(subjects), **keys),
        Result(table="aet03", statistic="rate", estimate=subjects / 2, n_events=subjects, **keys),
    )


@pytest.mark.parametrize(("few", "n"), [(5, 40), (38, 40)])
def test_a_rate_is_hidden_with_the_subjects_it_counts_and_its_difference_too(
    few: int, n: int
) -> None:
    """A rate and the time at risk tell who had the event; a difference tells the other rate."""
    difference = Result(
        table="aet03", statistic="rate difference", phase="p", arm="b", reference="a",
        group="any adverse event", estimate=7.5,
    )  # fmt: skip
    for rows in ((*of_events("a", few, n), *of_events("b", 20, 40)), (
        *of_events("a", few, n)[1:], *of_events("b", 20, 40)[1:]
    )):  # the rates alone tell as much  # fmt: skip
        found = after(*rows, difference)
        # the 38 of 40 may be told in a round number
        hidden = [k for k, row in found.items() if row.estimate is None or row.suppressed]
        assert all("/b/" not in key or key.endswith("difference") for key in hidden)
        assert len(hidden) == len(rows) // 2 + 1
        rate = next(row for row in found.values() if row.arm == "a" and row.statistic == "rate")
        assert rate.n_events in {None, 40}
        assert rate.estimate is None


def test_no_count_is_hidden_for_nothing() -> None:
    rows = (*of_arm("a", 0, 100), *of_arm("b", 40, 100))
    assert tuple(after(*rows).values()) == rows


def test_a_model_estimate_stays_and_loses_its_small_n() -> None:
    mean = Result(
        table="mmrmt01", statistic="LS mean", analysis="m", phase="p", visit="v", arm="a",
        estimate=-3.5, std_error=1.0, df=20.5, conf_low=-5.0, conf_high=-2.0, n=7,
    )  # fmt: skip
    row = after(mean)[mean.id]
    # its standard error is that of 7: of 5 to 9 it would be 1.18 to 0.88, which must look the same
    assert (row.n, row.status) == (None, "ok")
    assert row.estimate == pytest.approx(-3.5, abs=0.5)
    assert row.std_error is None or row.std_error != 1.0 or "std_error:0.5" in row.suppressed
    assert "n" in row.suppressed.split()


def test_the_value_of_one_subject_is_never_shown() -> None:
    keys = {"table": "dmt01", "phase": "p", "arm": "a", "group": "age", "n": 50}
    rows = [Result(statistic=name, estimate=40.0, **keys) for name in ("mean", "min", "max")]
    found = after(*rows)
    assert found["dmt01/p/a/age/mean"].estimate == 40.0
    assert found["dmt01/p/a/age/min"].status == "suppressed"
    assert found["dmt01/p/a/age/max"].status == "suppressed"


def test_a_summary_of_few_goes_and_that_of_all_from_which_it_follows() -> None:
    keys = {"table": "dmt01", "phase": "p", "group": "age"}
    few, many, everyone = (
        Result(statistic="mean", estimate=40.0, arm=arm, n=n, **keys)
        for arm, n in (("a", 4), ("b", 90), ("", 94))
    )
    difference = Result(
        statistic="standardised difference", estimate=0.2, arm="a", reference="b", **keys
    )
    found = after(few, many, everyone, difference)
    assert found[many.id].estimate == 40.0
    for row in (few, everyone, difference):
        assert found[row.id].status == "suppressed"


def test_nothing_is_hidden_where_all_may_be_shown() -> None:
    table = ResultTable(of_arm("a", 5, 100))
    assert suppress(NOBODY, table, (), 1) == Shown(table, ())


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), min_size=1, max_size=8))
def test_between_days_shown_none_or_enough_had_the_event_or_left(
    steps: list[tuple[int, int]],
) -> None:
    events = np.cumsum([0, *(event for event, _ in steps)])
    left = np.cumsum([0, *(event + censored for event, censored in steps)])
    at_end = 5  # of whom 2 have the event after the last tick
    total = int(left[-1]) + at_end
    in_all = (*events.tolist(), int(events[-1]) + 2)
    shown = days_shown(tuple((total - left).tolist()), in_all, 11)
    assert shown[0]
    kept = np.flatnonzero(shown)
    for first, second in pairwise(kept):
        happened = int(events[second] - events[first])
        censored = int(left[second] - left[first]) - happened
        assert happened == 0 or happened >= 11
        assert censored == 0 or censored >= 11
        assert total - left[second] >= 11
        assert in_all[-1] - events[second] >= 11


def test_a_curve_without_its_counts_is_not_shown() -> None:
    assert days_shown((50, 40, 30), (), 11) == [True, False, False]


def test_quantiles_beyond_the_last_day_shown_are_hidden() -> None:
    curve = SurvivalCurve(
        arm="a",
        times=np.array([10.0, 50.0]),
        survival=np.array([0.7, 0.4]),
        conf_low=np.array([0.6, 0.3]),
        conf_high=np.array([0.8, 0.5]),
        censored_at=np.array([]),
        at_risk=(100, 70, 40),
        n_events=(0, 30, 60, 71),
    )
    record = SurvivalRecord("r", (0.0, 28.0, 56.0), (curve,))
    median = Result(
        table="kmt01", statistic="median", analysis="r", arm="a", estimate=50.0, conf_low=40.0,
        conf_high=80.0, n=100, n_events=71, unit="days",
    )  # fmt: skip
    row = after(median, records=(record,))[median.id]
    assert (row.estimate, row.conf_low, row.conf_high) == (50.0, 40.0, None)
    assert row.suppressed == "conf_high"
    (coarse,) = suppress(NOBODY, ResultTable((median,)), (record,), 11).records
    assert coarse.joined
    np.testing.assert_array_equal(coarse.curves[0].times, [28.0, 56.0])
    np.testing.assert_array_equal(coarse.curves[0].survival, [0.7, 0.4])
    assert coarse.curves[0].n_events == ()


@pytest.mark.parametrize("n", [11, 25, 400])
def test_residuals_become_means_of_enough_neighbours(n: int) -> None:
    values = np.random.default_rng(1).normal(size=n)
    means = means_of_neighbours(values, 11)
    assert means.size == n // 11
    assert not np.isin(means, values).any()
    assert means_of_neighbours(values[:10], 11).size == 0
