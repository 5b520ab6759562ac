"""Calls of an analysis with delayed entry say when each row begins, or that nothing does."""

import pytest

from ketaoutcomes.families.time_to_event.delayed_entry import (
    calls_with_delayed_entry,
    delayed_entry_in_words,
)
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis

R = """\
survfit(Surv(time, event) ~ arm, data = d, conf.type = "log-log")
survdiff(Surv(time, event) ~ arm + strata(site), data = d)
fit <- coxph(Surv(time, event) ~ arm + strata(site), data = d, ties = "efron")
survRM2::rmst2(d$time, d$event, d$arm == "active", tau = 40)
nph::logrank.maxtest(d$time, d$event, d$arm)
cmprsk::cuminc(d$time, d$cause, d$arm)"""
SAS = """\
proc lifetest data=d rmst(tau=40) conftype=loglog;
  time time*event(0);
run;
proc phreg data=d;
  class arm;
  model time*event(0) = arm / ties=efron;
run;
proc phreg data=d;
  model time*cause(0) = arm / eventcode=1;
run;"""


def analysis(**options: object) -> TimeToEventAnalysis:
    return TimeToEventAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "time_to_event", "restricted_mean_days": 40}
        | options
    )


def test_every_call_in_r_takes_entry() -> None:
    r, _ = calls_with_delayed_entry(
        R, SAS, analysis(strata=["site"], competing=["other"]), compares=True
    )
    assert "Surv(time" not in r
    assert "summary(coxph(Surv(entry, time, event) ~ arm + strata(site), data = d))$sctest" in r
    assert "start.time = first), rmean = 40)" in r
    assert "survfit(Surv(entry, time, factor(cause)) ~ arm, data = d, id = subject)" in r
    for package in ("survRM2", "nph::", "cmprsk", "survdiff("):
        assert package not in r


def test_sas_has_entry_in_phreg_only() -> None:
    _, sas = calls_with_delayed_entry(R, SAS, analysis(), compares=True)
    assert "model (entry, time)*event(0) = arm / ties=efron;" in sas
    assert "proc lifetest data" not in sas
    assert "eventcode" not in sas
    assert sas.count("proc phreg data") == sas.count("run;") == 2


@pytest.mark.parametrize("words", ["left truncation", "up to day 40", "are not shown"])
def test_the_method_says_it(words: str) -> None:
    assert words in delayed_entry_in_words(analysis())
