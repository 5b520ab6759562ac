"""Every command in the documentation runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from ketaoutcomes.cli.main import the_parser
from ketaoutcomes.plan.data import DataBlock

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
FRAGMENT = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(?P<text>.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(?P<text>.*?)```(?:\n\n```text\n(?P<shown>.*?)```)?", re.DOTALL)
"""Commands, and what the page shows of the screen after them."""


@pytest.mark.parametrize("page", ["rehearse.md", "real-data.md"])
def test_every_command_of_a_page_runs(tmp_path: Path, page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for example in FILE.finditer(text):
        (tmp_path / example["name"]).write_text(example["text"], "utf-8")
    blocks = list(COMMANDS.finditer(text))
    assert blocks
    for block in blocks:
        printed = "".join(printed_by(line, tmp_path) for line in block["text"].splitlines())
        shown = [line for line in (block["shown"] or "").splitlines() if line.strip(" .")]
        assert [line for line in shown if line not in printed.splitlines()] == []


def printed_by(command: str, folder: Path) -> str:
    """What a command of a page prints, once it has ended without an error."""
    run = command.replace("python ", f"{shlex.quote(sys.executable)} ", 1)
    done = subprocess.run(
        ["bash", "-c", run], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout + done.stderr


WHERE = (DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md")))
NAMED = re.compile(r"(?:python -m )?ketaoutcomes (?P<words>[a-z]+ [^`\n]*|[a-z]+)")
"""A command in a block or within a sentence."""
BY_NUMBER = frozenset(("N", "B", "K"))


def words_of(command: str) -> list[str]:
    """The words of a command, those that stand for a number or may be left out made plain."""
    plain = re.sub(r"\[[^]]*\]|\.\.\.|#.*|>.*|\|\|.*", "", command)
    return ["5" if word in BY_NUMBER else word for word in shlex.split(plain)]


def commands_named() -> list[tuple[str, str]]:
    """Every command of the pages, with the page."""
    found = []
    for page in WHERE:
        text = page.read_text("utf-8")
        parts = [line for block, _ in COMMANDS.findall(text) for line in block.splitlines()]
        parts += re.findall(r"`([^`\n]+)`", text)
        found += [
            (page.name, told["words"]) for part in parts if (told := NAMED.match(part.strip()))
        ]
    return sorted(set(found))


@pytest.mark.parametrize(("page", "command"), commands_named())
def test_every_command_that_a_page_names_is_one(page: str, command: str) -> None:
    """Its options are those of the command; nothing is run."""
    known = the_parser()._subparsers._group_actions[0].choices
    name, *words = words_of(command)
    assert name in known, f"{page}: {command}"
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert options <= set(known[name]._option_string_actions), f"{page}: {command}"


LONG = ("run trd.yaml", "explain ", "report ")
"""Run of a whole plan that other tests run, and what needs its report."""


def test_the_quick_commands_of_the_readme_run(tmp_path: Path) -> None:
    text = (DOCS.parent / "README.md").read_text("utf-8")
    (block,) = [found for found, _ in COMMANDS.findall(text) if "ketaoutcomes example" in found]
    commands = [line.removeprefix("ketaoutcomes ") for line in block.splitlines()]
    quick = [command for command in commands if not command.startswith(LONG)]
    assert len(commands) - len(quick) == len(LONG)
    for command in quick:
        done = subprocess.run(
            [sys.executable, "-m", "ketaoutcomes", *words_of(command)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert (tmp_path / "reports/ketamine_trials/report.html").is_file()


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
