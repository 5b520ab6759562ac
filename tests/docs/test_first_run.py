"""The page for people who have never used Python: its commands run, in the order of the page."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.cli.main import WINDOWS, main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "first-run.md").read_text("utf-8")
COMMANDS = re.compile(r"```sh\n(?P<text>.*?)```", re.DOTALL)
PLAN, GAPS = 0, 2


def said(command: str, folder: Path, code: int) -> str:
    program = f"{shlex.quote(sys.executable)} -m ketaoutcomes"
    run = command.replace("ketaoutcomes", program, 1)
    done = subprocess.run(
        ["bash", "-c", run], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{command}\n{done.stderr}"
    return done.stdout


def blocks() -> list[list[str]]:
    return [found["text"].splitlines() for found in COMMANDS.finditer(PAGE)]


def test_the_example_gives_the_files_of_the_page(tmp_path: Path) -> None:
    first, *_ = blocks()
    for command in first:
        said(command, tmp_path, PLAN)
    for name in re.findall(r"`(reports/\S+|single_dose\.yaml)`", PAGE):
        assert (tmp_path / name).exists(), name
    beside = tmp_path / "reports" / "single_dose"
    assert {"report.html", "results.csv", "manifest.json"} <= {p.name for p in beside.iterdir()}


def test_a_file_of_ones_own_leads_to_the_next_commands(tmp_path: Path) -> None:
    """Piped, nobody is asked; the last lines are what the page says to type next."""
    _, start, go_on = blocks()
    frame = pd.DataFrame(
        [
            (k, ("placebo", "drug")[k % 2], w, 30 - w + (5 * k + 3 * w * (k % 4)) % 11)
            for k in range(60)
            for w in (0, 2, 4)
        ],
        columns=["id", "arm", "week", "madrs"],
    )
    frame.to_excel(tmp_path / "trial.xlsx", index=False)
    (command,) = start
    words = said(command, tmp_path, PLAN)
    for line in go_on:
        assert line.removeprefix("ketaoutcomes ") in words
        said(line, tmp_path, PLAN)


def test_windows_is_told_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["list"]) == GAPS
    assert WINDOWS in capsys.readouterr().err
    assert "this runs on Linux and macOS" in PAGE


def test_the_command_gets_so_far_without_a_signal_that_windows_lacks() -> None:
    code = "import signal; del signal.SIGHUP; import ketaoutcomes.cli.main"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
