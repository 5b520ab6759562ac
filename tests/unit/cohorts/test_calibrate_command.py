"""The command `calibrate`, as a user meets it."""

from math import hypot

import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts.evidence.shipped import read_shipped


def test_an_unknown_scenario_is_told(capsys):
    assert main(["calibrate", "trd_short_trm"]) == 2
    told = capsys.readouterr().err
    assert "`trd_short_trm`" in told
    assert "trd_short_term" in told


def test_scoring_prints_each_target_and_the_counts_and_writes_the_ledger(tmp_path, capsys):
    out = tmp_path / "ledger.csv"
    words = ["calibrate", "pain", "--score-only", "--subjects", "2048", "--out", str(out), "-q"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = printed.out.splitlines()
    assert lines[0].split()[:4] == ["result", "scenario", "published", "SE"]
    assert "replica" in lines[0]
    assert any(line.startswith("F_sigtermans2009_01 ") for line in lines)
    assert any(line.startswith("pain: ") and "spread between trials" in line for line in lines)
    assert any(line.startswith("replicas of pain, fitted: ") for line in lines)
    assert lines[-1].startswith("compared with no scenario: ")
    rows = read_shipped(out.read_text(encoding="utf-8"))
    assert {row.id for row in rows} == {
        "F_sigtermans2009_01",
        "F_sigtermans2009_01.placebo",
        "F_sigtermans2009_02",
        "F_orhurhu2019_01",
    }
    for row in rows:
        distance = row.shipped - row.published
        # the errors are written to five digits
        assert row.residual == pytest.approx(distance / row.std_error, abs=2e-3)
        wider = hypot(row.std_error, row.spread)
        assert row.residual_with_spread == pytest.approx(distance / wider, abs=2e-3)
