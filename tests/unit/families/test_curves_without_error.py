"""An arm without events, and few clusters: what has no standard error, or one that is too small.

R 4.2.2, survival 3.5, for the same reason has no limits where the probability is 1:
`summary(survfit(Surv(c(5, 6, 7, 8, 9), c(0, 0, 0, 1, 0)) ~ 1, conf.type = "log-log"), times = 6)`
gives NA and NA, as do "logit" and "arcsin".
"""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitted import Fitted
from unit.families.test_delayed_entry import fit

DAYS = np.arange(5.0, 25.0)


def trial(first_event_of_drug: float) -> TimeToEventData:
    """Twenty days of observation an arm; every second control has the event, at days 5, 7 to 23."""
    arms = []
    for arm in ("control", "drug"):
        event = (DAYS % 2 == 1) & ((first_event_of_drug if arm == "drug" else 0) <= DAYS)
        arms.append(pd.DataFrame({"arm": arm, "time": DAYS, "event": event}))
    frame = pd.concat(arms, ignore_index=True)
    frame["subject"] = [f"s{i:02d}" for i in range(len(frame))]
    frame["site"] = [f"site {i % 4}" for i in range(len(frame))]
    frame["reason"] = np.where(frame["event"], "death", "end")
    return TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "death")


def warnings(fitted: Fitted) -> list[str]:
    return [r.sentence() for r in fitted.remarks if r.gravity == "warning"]


@pytest.mark.parametrize("interval", ["log-log", "log", "plain", "logit", "arcsin"])
def test_no_interval_before_the_first_event(interval: str) -> None:
    fitted = fit(trial(15), interval=interval)
    curve = {r.group: r for r in fitted.results if r.statistic == "survival" and r.arm == "drug"}
    assert (curve["day 10"].estimate, curve["day 10"].conf_low) == (1, None)
    assert curve["day 10"].conf_high is None
    later = curve["day 20"]
    assert later.conf_low < later.estimate < later.conf_high


def test_a_mean_without_an_event_has_no_error() -> None:
    fitted = fit(trial(99))
    mean = next(r for r in fitted.results if r.statistic == "restricted mean" and r.arm == "drug")
    assert (mean.estimate, mean.std_error, mean.conf_low, mean.conf_high) == (12, None, None, None)
    (warning,) = warnings(fitted)
    assert "No participant of arm `drug` has the event by day 12" in warning


def test_the_latest_day_of_a_comparison_without_an_event_is_named() -> None:
    (warning,) = warnings(fit(trial(15), landmark_days=[8, 14, 20]))
    assert "by day 14," in warning
    assert not warnings(fit(trial(5), landmark_days=[8, 20]))


@pytest.mark.parametrize(("clusters", "told"), [(4, True), (19, True), (20, False)])
def test_few_clusters_are_told(clusters: int, told: bool) -> None:
    data = trial(5)
    data.frame["site"] = [f"site {i % clusters}" for i in range(len(data.frame))]
    said = warnings(fit(data, cluster="site"))
    assert [f"has {clusters} clusters (`site`)" in one for one in said] == [True] * told
