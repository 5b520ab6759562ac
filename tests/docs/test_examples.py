"""Every command in the documentation runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(?P<text>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["tutorial.md"])
def test_every_command_of_a_page_runs(tmp_path: Path, page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for example in FILE.finditer(text):
        (tmp_path / example["name"]).write_text(example["text"], "utf-8")
    commands = [line for found in COMMANDS.finditer(text) for line in found["text"].splitlines()]
    assert commands
    for command in commands:
        run = command.replace("python ", f"{shlex.quote(sys.executable)} ", 1)
        done = subprocess.run(
            ["bash", "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    words = ["-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", str(DOCS), str(tmp_path)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "plan-reference.html").read_text("utf-8")
    assert "covariance_by" in page
    assert not [path for path in tmp_path.rglob("*.html") if "https://cdn" in path.read_text()]
