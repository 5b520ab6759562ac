"""The command `calibrate`, as a user meets it."""

import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts.evidence.ledger import read_ledger


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
    assert lines[0].split()[:3] == ["target", "trial", "published"]
    assert any(line.startswith("F_sigtermans2009_01 ") for line in lines)
    assert lines[-1].startswith("pain, fitted: ")
    rows = read_ledger(out.read_text(encoding="utf-8"))
    assert [row.id for row in rows] == ["F_sigtermans2009_01", "F_sigtermans2009_01.placebo"]
    for row in rows:
        assert row.residual == pytest.approx(
            (row.achieved - row.published) / row.std_error, abs=2e-3
        )
