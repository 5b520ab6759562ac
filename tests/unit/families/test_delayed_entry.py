"""Delayed entry and intervals of observation, against R's survival 3.5-3 and in two writings.

The numbers of R are those of `survfit`, `coxph` and `cox.zph` with `Surv(entry, time, status)` on
the twelve rows below, to fifteen digits.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.families.time_to_event.record import SurvivalRecord
from ketaoutcomes.numerics.survival.kaplan_meier import sound_from
from ketaoutcomes.numerics.survival.log_rank import log_rank
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

ESTIMAND = Estimand.model_validate(
    {
        "population": "x",
        "treatment": {"active": "drug", "reference": "control"},
        "endpoint": "y",
        "summary": "hazard ratio",
    }
)
ROWS = (
    *(("a", "control", 0, 5, 1, 1), ("b", "control", 0, 9, 0, 0), ("c", "control", 2, 7, 1, 1)),
    *(("d", "control", 3, 12, 1, 0), ("e", "control", 1, 9, 1, 1), ("f", "control", 4, 15, 0, 0)),
    *(("g", "drug", 0, 8, 1, 0), ("h", "drug", 1, 14, 0, 1), ("i", "drug", 2, 9, 1, 1)),
    *(("j", "drug", 5, 16, 1, 0), ("k", "drug", 3, 11, 0, 0), ("l", "drug", 6, 18, 1, 1)),
)
SMALL = pd.DataFrame(ROWS, columns=["subject", "arm", "entry", "time", "event", "x"]).assign(
    event=lambda d: d["event"] == 1,
    entry=lambda d: d["entry"].astype(float),
    time=lambda d: d["time"].astype(float),
    x=lambda d: d["x"].astype(float),
    reason=lambda d: np.where(d["event"], np.where(d["x"] == 1, "death", "other"), "end"),
)


def data(frame: pd.DataFrame, intervals: pd.DataFrame | None = None) -> TimeToEventData:
    made = TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "death")
    return made if intervals is None else replace(made, intervals=intervals)


def fit(endpoint: TimeToEventData, **options: Any) -> Fitted:
    analysis = TimeToEventAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "time_to_event", "rmst_days": 12}
        | {"risk_table_every_days": 5}
        | options
    )
    return fit_time_to_event_analysis("a", analysis, ESTIMAND, endpoint, 0.95)


def rows(fitted: Fitted) -> dict[str, Result]:
    return {
        "/".join(filter(None, (r.statistic, r.group, r.visit, "" if r.reference else r.arm))): r
        for r in fitted.results
    }


@pytest.mark.parametrize(
    ("ties", "log_ratio", "std_error"),
    [
        ("efron", -1.18660143029596, 0.933475879527282),
        ("breslow", -1.14070423223478, 0.92456553166171),
        ("exact", -1.20753081625023, 0.960469176331835),
    ],
)
def test_cox(ties: str, log_ratio: float, std_error: float) -> None:
    row = rows(fit(data(SMALL), ties=ties, covariates=["x"]))["hazard ratio"]
    assert np.log(row.estimate or 0) == pytest.approx(log_ratio, rel=SAME_OPTIMUM)
    assert row.std_error == pytest.approx(std_error, rel=SAME_OPTIMUM)
    assert (row.n, row.n_events) == (12, 8)


def test_proportional_hazards() -> None:
    found = rows(fit(data(SMALL), covariates=["x"]))
    for term, chi_squared in (
        ("arm", 0.0692626483665005),
        ("x", 2.8351429362119660),
        ("global", 2.8775687378281543),
    ):
        row = found[f"proportional hazards test/{term}"]
        assert row.test_statistic == pytest.approx(chi_squared, rel=SAME_OPTIMUM)


def test_the_curve_its_intervals_and_who_is_at_risk() -> None:
    fitted = fit(data(SMALL))
    found = rows(fitted)
    for name, n, estimate, low, high in (
        ("survival/day 5/control", 6, 0.833333333333333, 0.273122849928356, 0.974712426690894),
        ("survival/day 10/control", 2, 0.5, 0.110948260351438, 0.803709236850057),
        ("survival/day 10/drug", 4, 0.666666666666667, 0.194616636806235, 0.904434164322516),
    ):
        row = found[name]
        assert row.n == n
        assert row.estimate == pytest.approx(estimate, rel=1e-12)
        assert (row.conf_low, row.conf_high) == pytest.approx((low, high), rel=1e-10)
    record = fitted.record
    assert isinstance(record, SurvivalRecord)
    control, drug = record.curves
    assert control.at_risk == (2, 6, 2, 1)
    assert drug.at_risk == (1, 4, 4, 2)
    assert found["median/control"].estimate == 10.5  # R: flat at one half from 9 to 12
    assert found["median/drug"].estimate == 16


def test_restricted_means_are_those_of_r() -> None:
    found = rows(fit(data(SMALL)))
    for arm, mean, std_error in (
        ("control", 9.5, 1.124228130269337),
        ("drug", 10.8333333333333, 0.683807423616176),
    ):
        row = found[f"restricted mean/{arm}"]
        assert row.estimate == pytest.approx(mean, rel=1e-12)
        assert row.std_error == pytest.approx(std_error, rel=1e-12)
        assert row.method == "restricted mean time up to day 12"


def test_where_nobody_is_seen_early_restricted_means_begin_when_somebody_is() -> None:
    """R: start.time = 6, rmean = 15, which counts the six days before in its mean."""
    late = SMALL.assign(entry=SMALL["entry"].clip(lower=6.0))
    late = late[late["time"] > 6]
    found = rows(fit(data(late), rmst_days=15))
    for arm, mean, std_error in (
        ("control", 11.3 - 6, 1.39176147381654),
        ("drug", 12.8333333333333 - 6, 1.25646476421096),
    ):
        row = found[f"restricted mean/{arm}"]
        assert row.estimate == pytest.approx(mean, rel=1e-12)
        assert row.std_error == pytest.approx(std_error, rel=1e-12)
        assert row.method == "restricted mean time from day 6 to day 15, given no event by day 6"


def test_competing_events() -> None:
    fitted = fit(
        data(SMALL), competing=["other"], risk_table_every_days=9, interval="plain", covariates=[]
    )
    found = rows(fitted)
    for kind, arm, estimate, std_error in (
        ("the event", "control", 0.5, 0.204124145231932),
        ("the event", "drug", 1 / 6, 0.152145154862546),
        ("other", "drug", 1 / 6, 0.152145154862546),
    ):
        row = found[f"cumulative incidence/{kind}/day 9/{arm}"]
        assert row.estimate == pytest.approx(estimate, rel=1e-12)
        assert row.std_error == pytest.approx(std_error, rel=1e-12)
    ratio = found["cause-specific hazard ratio/the event"]
    assert np.log(ratio.estimate or 0) == pytest.approx(-1.18016250384891, rel=SAME_OPTIMUM)
    assert ratio.std_error == pytest.approx(1.1614013640223, rel=SAME_OPTIMUM)
    assert not any("Gray" in name or "subdistribution" in name for name in found)
    told = " ".join(remark.sentence() for remark in fitted.remarks)
    assert "Gray's test and the Fine-Gray model" in told


def brute_log_rank(frame: pd.DataFrame) -> float:
    """Observed less expected over its variance, one event time after the other."""
    score = variance = 0.0
    for t in sorted(frame.loc[frame["event"], "time"].unique()):
        risk = frame[(frame["entry"] < t) & (frame["time"] >= t)]
        n, m = len(risk), int((risk["arm"] == "drug").sum())
        dead = risk[(risk["time"] == t) & risk["event"]]
        d = len(dead)
        score += (dead["arm"] == "drug").sum() - d * m / n
        variance += d * m / n * (1 - m / n) * (n - d) / (n - 1) if n > 1 else 0
    return score**2 / variance


def test_the_log_rank_test_counts_who_is_at_risk() -> None:
    row = rows(fit(data(SMALL)))["log-rank test"]
    assert row.test_statistic == pytest.approx(brute_log_rank(SMALL), rel=1e-12)


SUBJECTS = st.lists(
    st.tuples(
        st.integers(0, 8), st.integers(1, 12), st.booleans(), st.booleans(), st.integers(0, 3)
    ),
    min_size=4,
    max_size=16,
)


def made(people: list[tuple[int, int, bool, bool, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": [f"s{i:02d}" for i in range(len(people))],
            "arm": ["drug" if p[3] else "control" for p in people],
            "entry": [float(p[0]) for p in people],
            "time": [float(p[0] + p[1]) for p in people],
            "event": [p[2] for p in people],
            "x": [float(p[4]) for p in people],
            "reason": "why",
        }
    )


@settings(max_examples=60)
@given(SUBJECTS)
def test_the_log_rank_test_by_counting(people: list[tuple[int, int, bool, bool, int]]) -> None:
    frame = made(people)
    test = log_rank(
        frame["time"],
        frame["event"],
        frame["arm"],
        entry=frame["entry"],
        groups=("control", "drug"),
    )
    if not test.reason:
        assert test.statistic == pytest.approx(brute_log_rank(frame), rel=1e-9, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(SUBJECTS, st.sets(st.integers(1, 19), max_size=4))
def test_follow_up_cut_into_intervals_gives_the_same(
    people: list[tuple[int, int, bool, bool, int]], cuts: set[int]
) -> None:
    """The same data written in two ways: one row a subject, or one an interval."""
    frame = made(people)
    if not all((frame["arm"] == arm).any() for arm in ("control", "drug")):
        return
    pieces = []
    for one in frame.itertuples():
        inside = sorted(c for c in cuts if one.entry < c < one.time)
        for a, b in pairwise([one.entry, *inside, one.time]):
            last = b == one.time
            why = one.reason if last else ""
            pieces.append((one.subject, float(a), float(b), one.event and last, why, one.x))
    columns = ["subject", "entry", "time", "event", "reason", "x"]
    intervals = pd.DataFrame(pieces, columns=columns)
    options = {"covariates": ["x"], "periods_days": [7], "weighted_tests": ["Tarone-Ware"]}
    whole, cut = (fit(data(frame, rows_), **options) for rows_ in (None, intervals))
    assert len(whole.results) == len(cut.results)
    for a, b in zip(whole.results, cut.results, strict=True):
        assert (a.id, a.n, a.n_events, a.status, a.message) == (
            b.id,
            b.n,
            b.n_events,
            b.status,
            b.message,
        )
        for name in ("estimate", "std_error", "conf_low", "conf_high", "test_statistic"):
            one, other = getattr(a, name), getattr(b, name)
            assert (one is None) == (other is None), (a.id, name)
            if one is not None:
                assert one == pytest.approx(other, rel=1e-6, abs=1e-9)
    assert isinstance(whole.record, SurvivalRecord)
    assert isinstance(cut.record, SurvivalRecord)
    for first, second in zip(whole.record.curves, cut.record.curves, strict=True):
        assert first.at_risk == second.at_risk
        assert first.censored_at.tolist() == second.censored_at.tolist()


def test_a_covariate_that_changes_has_the_value_of_each_interval() -> None:
    """R: survSplit at 4 and 8; w is x from day 4 on and 0 before."""
    pieces = []
    for one in SMALL.itertuples():
        inside = [c for c in (4.0, 8.0) if one.entry < c < one.time]
        for a, b in pairwise([one.entry, *inside, one.time]):
            last = b == one.time
            w = one.x if a >= 4 else 0.0
            pieces.append((one.subject, a, b, one.event and last, one.reason if last else "", w))
    intervals = pd.DataFrame(pieces, columns=["subject", "entry", "time", "event", "reason", "w"])
    frame = SMALL.assign(w=0.0)
    row = rows(fit(data(frame, intervals), covariates=["w"]))["hazard ratio"]
    assert np.log(row.estimate or 0) == pytest.approx(-1.18660143029596, rel=SAME_OPTIMUM)
    assert row.std_error == pytest.approx(0.933475879527282, rel=SAME_OPTIMUM)
    row = rows(fit(data(frame, intervals), strata=["w"]))["hazard ratio"]
    assert np.log(row.estimate or 0) == pytest.approx(-1.12704035698816, rel=SAME_OPTIMUM)
    assert row.std_error == pytest.approx(0.929713430142413, rel=SAME_OPTIMUM)


def test_everybody_seen_from_the_start_is_no_delayed_entry() -> None:
    """A column of zeros changes nothing, and an event on day 0 stays possible."""
    frame = SMALL.assign(time=SMALL["time"].where(SMALL["subject"] != "a", 0.0))
    without = fit(data(frame.drop(columns="entry")))
    zero = fit(data(frame.assign(entry=0.0)))
    assert without.results == zero.results
    assert zero.remarks == ()


def test_the_day_from_which_a_curve_is_sound_by_hand() -> None:
    assert sound_from([5, 9], [1, 0]) == 0
    # nobody is seen before day 2
    assert sound_from([5, 9], [1, 0], [2, 3]) == 2
    # the first leaves on day 5, before the second comes on day 6
    assert sound_from([5, 9], [0, 0], [0, 6]) == 6
    # all at risk on day 5 have the event, and another comes on day 6 or on that very day
    assert sound_from([5, 9], [1, 0], [0, 6]) == 6
    assert sound_from([5, 9, 9], [1, 0, 0], [0, 5, 6]) == 5
    # whoever is there with others leaves no gap
    assert sound_from([5, 9], [1, 0], [0, 4]) == 0


def test_small_first_risk_sets_are_a_warning() -> None:
    lonely = pd.DataFrame(
        {
            "subject": [f"s{i:02d}" for i in range(42)],
            "arm": ["drug", "control"] * 21,
            "entry": [0.0, 0.0, *[4.0] * 40],
            "time": [3.0, 9.0, *[float(5 + i % 20) for i in range(40)]],
            "event": True,
            "reason": "x",
        }
    )
    fitted = fit(data(lonely))
    told = [remark.sentence() for remark in fitted.remarks]
    assert {remark.gravity for remark in fitted.remarks} == {"warning"}
    assert any("Before day 4 the risk set was empty" in words for words in told)
    row = rows(fitted)["restricted mean/drug"]
    assert row.method == "restricted mean time from day 4 to day 12, given no event by day 4"
    assert any("Up to day 3 events occurred while fewer than 10" in words for words in told)
    assert fit(data(SMALL)).remarks == ()  # nobody is to come after the first event


def test_a_limit_before_the_curves_are_sound_is_refused() -> None:
    late = SMALL.assign(entry=SMALL["entry"].clip(lower=6.0))
    found = fit(data(late[late["time"] > 6]), rmst_days=6)
    row = rows(found)["difference in restricted means"]
    assert row.status == "failed"
    assert "sound from day 6 on only" in row.message


def test_every_part_of_the_analysis_takes_entry() -> None:
    """Frailty, robust errors, combination and changing covariates do not ignore it."""
    rng = np.random.default_rng(3)
    n = 120
    entry, arm = rng.integers(0, 30, n).astype(float), rng.integers(0, 2, n)
    frame = pd.DataFrame(
        {
            "subject": [f"s{i:03d}" for i in range(n)],
            "arm": np.where(arm, "drug", "control"),
            "entry": entry,
            "time": entry + np.ceil(rng.exponential(20 + 20 * arm)),
            "event": rng.random(n) < 0.8,
            "reason": "x",
            "site": [f"s{i % 6}" for i in range(n)],
            "stage": np.where(rng.random(n) < 0.5, "one", "two"),
        }
    )
    options = {
        "cluster": "site",
        "frailty": "site",
        "combination": {"by": "stage", "weights": {"one": 1, "two": 1}},
        "periods_days": [20],
        "weighted_tests": ["max-combo", "Peto-Peto"],
        "landmark_days": [25],
        "rmst_days": 40,
    }
    delayed = rows(fit(data(frame), **options))
    ignored = rows(fit(data(frame.drop(columns="entry")), **options))
    assert delayed.keys() == ignored.keys()
    compared = [n for n, r in delayed.items() if r.reference and r.table != "ttet02"]
    for name in compared:
        one, other = delayed[name], ignored[name]
        assert one.status == "ok", (name, one.message)
        assert (one.estimate, one.test_statistic) != (other.estimate, other.test_statistic), name
