"""Calls of an analysis with delayed entry say when each row begins, or that nothing does.

Those in R are run by the tests of the export.
"""

import pytest

from ketaoutcomes.families.time_to_event.delayed_entry import (
    delayed_entry_in_words,
    sas_delayed,
)
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis

SAS = """\
data d;
  set adam.adtte;
run;
proc lifetest data=d rmst(tau=40) conftype=loglog;
  time AVAL*CNSR(1);
run;
proc phreg data=d;
  class TRTP;
  model AVAL*CNSR(1) = TRTP / ties=efron;
run;
proc phreg data=d;
  model AVAL*CAUSE(0) = TRTP / eventcode=1;
run;"""


def analysis(**options: object) -> TimeToEventAnalysis:
    return TimeToEventAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "time_to_event", "rmst_days": 40} | options
    )


def test_sas_has_entry_in_phreg_only() -> None:
    sas = sas_delayed(SAS)
    assert sas.startswith("data d;")
    assert "model (ENTRY, AVAL)*CNSR(1) = TRTP / ties=efron;" in sas
    assert "proc lifetest data" not in sas
    assert "eventcode" not in sas
    assert sas.count("proc phreg data") == 2
    assert sas.count("run;") == 3


@pytest.mark.parametrize("words", ["left truncation", "up to day 40", "are not shown"])
def test_the_method_says_it(words: str) -> None:
    assert words in delayed_entry_in_words(analysis())
