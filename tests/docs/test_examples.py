"""Every command in the documentation runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from ketaoutcomes.plan.data import DataBlock

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
FRAGMENT = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(?P<text>.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(?P<text>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["rehearse.md", "real-data.md"])
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


@pytest.mark.parametrize(
    "page", ["tour.md", *sorted(f"api/{path.name}" for path in (DOCS / "api").glob("*.md"))]
)
def test_every_block_of_python_of_a_page_runs(tmp_path: Path, page: str) -> None:
    """The blocks run one after the other, as the cells of a notebook."""
    text = "\n".join(PYTHON.findall((DOCS / page).read_text("utf-8")))
    assert text
    (tmp_path / "page.py").write_text(text, "utf-8")
    words = [sys.executable, "-W", "error", "page.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_data_block_of_the_page_on_real_data_is_in_order() -> None:
    """Fragments are completed with what they leave out, and read as a plan would be."""
    text = (DOCS / "real-data.md").read_text("utf-8")
    blocks = [YAML(typ="safe").load(dedent(found)) for found in FRAGMENT.findall(text)]
    data = [block.get("data", {"columns": block}) for block in blocks if "study" not in block]
    assert len(data) > 5
    for block in data:
        columns = {"subject": "id", "occurred": "died"} | block.get("columns", {})
        columns["covariates"] = {"site": "SITE"} | columns.get("covariates", {})
        files = {"files": {"visits": "x.csv", "times": "y.csv"}} | block
        plain = {} if "standard" in block else {"columns": columns}
        DataBlock.model_validate(files | plain)
