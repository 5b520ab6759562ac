"""A plan run by several processes, and one that does not ask for true values."""

import os
import signal
from pathlib import Path

import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.families.fitting import fit_analysis
from ketaoutcomes.runs.run_folder import read_results

TRD = Path(__file__).resolve().parents[2] / "analyses" / "trd.yaml"
ONLY = ("primary", "tipping", "response", "relapse")


def run(out: Path, *words: str, plan: Path = TRD) -> int:
    return main(["run", str(plan), "--only", *ONLY, "--out", str(out), "-q", *words])


def files(folder: Path) -> dict[str, bytes]:
    """Every file by its path, those of the folders inside too."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.slow
@pytest.mark.usefixtures("few_pairs")
def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path) -> None:
    for number in ("1", "2", "5"):
        assert run(tmp_path / number, "-j", number) == 0
    alone = files(tmp_path / "1")
    assert "report.html" in alone
    assert any(name.startswith("tables/") for name in alone)
    assert any(name.startswith("figures/") for name in alone)
    assert files(tmp_path / "2") == alone
    assert files(tmp_path / "5") == alone


@pytest.mark.slow
@pytest.mark.usefixtures("few_pairs")
def test_a_process_that_is_killed_fails_its_own_analysis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(plan: object, name: str, endpoint: object) -> object:
        if name == "tipping":
            os.kill(os.getpid(), signal.SIGKILL)
        return fit_analysis(plan, name, endpoint)  # type: ignore[arg-type]

    monkeypatch.setattr("ketaoutcomes.pipeline.fit_analysis", killed)
    assert run(tmp_path / "run", "-j", "2") == 1
    assert "its process was killed" in capsys.readouterr().err
    rows = read_results(tmp_path / "run").rows
    failed = {row.analysis for row in rows if row.status == "failed"}
    assert failed == {"tipping"}
    assert {row.analysis for row in rows} >= set(ONLY)


def test_true_values_that_are_not_asked_for_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("nobody asked")

    monkeypatch.setattr("ketaoutcomes.pipeline.true_values", never)
    plan = tmp_path / "plan.yaml"
    plan.write_text(TRD.read_text().replace("seed: 20261124}", "seed: 20261124, truth: false}"))
    assert run(tmp_path / "run", plan=plan) == 0
    rows = read_results(tmp_path / "run").rows
    assert not [row for row in rows if row.table.startswith("trut")]
    assert "not compared with the true values" in (tmp_path / "run" / "report.html").read_text()
