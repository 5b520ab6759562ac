"""The tutorial runs on the public file, and on a simulated one of the same shape."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tutorial.md").read_text("utf-8")
FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(?P<text>.*?)```", re.DOTALL)
SAID = ("464 events of 575", "111 events of 575", "`LEN.T`")
"""What the page reports of the screen."""
FOLLOWED = 500
"""Days until the first end of follow-up, as in the public file."""


def on_screen(folder: Path) -> str:
    """What all commands of the page print, after each has ended without an error."""
    for example in FILE.finditer(PAGE):
        (folder / example["name"]).write_text(example["text"], "utf-8")
    printed = ""
    for command in "".join(COMMANDS.findall(PAGE)).splitlines():
        run = command.replace("python ", f"{shlex.quote(sys.executable)} ", 1)
        done = subprocess.run(
            ["bash", "-c", run], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        printed += done.stdout + done.stderr
    return printed


def results(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "reports" / "uis" / "results.csv", index_col="id")


def test_the_tutorial_on_the_public_file(newcomers_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "uis").mkdir()
    (tmp_path / "uis" / "uis.csv").write_bytes((newcomers_dir / "uis" / "uis.csv").read_bytes())
    printed = on_screen(tmp_path)
    assert [words for words in SAID if words not in printed or words not in PAGE] == []
    rows = results(tmp_path)
    ratio = rows.loc["ttet01/relapse/long/short/hazard_ratio"]
    told = f"{ratio.estimate:.2f} (95% CI {ratio.conf_low:.2f} to {ratio.conf_high:.2f})"
    assert told in PAGE
    assert f"the hazard ratio is {1 / ratio.estimate:.2f}" in PAGE
    for arm in ("long", "short"):
        mean = rows.loc[f"ttet01/relapse/{arm}/restricted_mean"].estimate
        assert f"{mean:.0f} days" in PAGE


def test_r_gives_the_numbers_of_the_tutorial() -> None:
    """survival 3.5 in R 4.2.2: coxph with Efron's ties, and survRM2's areas by hand."""
    assert f"{0.788642:.2f} (95% CI {0.657123:.2f} to {0.946484:.2f})" in PAGE
    assert f"{212.8392:.0f} days" in PAGE
    assert f"{178.2457:.0f} days" in PAGE


@pytest.mark.parametrize("seed", [1])
def test_the_tutorial_on_a_simulated_file(tmp_path: Path, seed: int) -> None:
    """The same columns and codes: 1 is the event, and follow-up ends after day 500."""
    random, n = np.random.default_rng(seed), 300
    arm = random.permutation(np.arange(n) % 2)
    event, end = random.exponential(250 + 80 * arm), random.uniform(FOLLOWED, 700, n)
    frame = pd.DataFrame({"ID": np.arange(1, n + 1), "AGE": random.integers(20, 57, n)})
    frame["BECK"] = random.uniform(0, 54, n).round(2)
    frame["RACE"], frame["TREAT"], frame["SITE"] = random.integers(0, 2, n), arm, arm[::-1]
    frame["LEN.T"] = random.integers(2, 200, n)
    frame["TIME"] = np.ceil(np.minimum(event, end)).astype(int)
    frame["CENSOR"] = (event <= end).astype(int)
    (tmp_path / "uis").mkdir()
    frame.to_csv(tmp_path / "uis" / "uis.csv", index=False)
    printed = on_screen(tmp_path)
    assert f"{frame['CENSOR'].sum()} events of {n}" in printed
    assert results(tmp_path).loc["ttet01/relapse/long/short/hazard_ratio"].status == "ok"
