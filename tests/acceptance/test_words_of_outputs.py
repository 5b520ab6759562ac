"""Every output of a run in the words of the field: Word, tables, drawings, scripts, console."""

import argparse
import re
from pathlib import Path

import pandas as pd
import pytest

from displayed import (
    SOURCE,
    comments_of_code,
    faults_of_lines,
    words_of_drawing,
    words_of_rtf,
    words_of_table,
    words_of_word,
)
from hollow_trials import trial, write
from ketaoutcomes.cli.main import main, the_parser
from ketaoutcomes.plan.reading.schema import plan_schema, synthesis_schema
from ketaoutcomes.style_guide import violations

CODE = Path(__file__).parents[2] / "src/ketaoutcomes/export"
NAMES = re.compile(
    r"(?<![\w`])(?:[a-z]+_)+[a-z0-9]+(?![\w`])|--[a-z-]+|\b[\w/.-]+\.(?:yaml|csv|html|json)"
)
"""Names of columns, options and files, which the console shows as they are."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of several families with hidden counts, with Word, RTF and the scripts of R and SAS."""
    here = tmp_path_factory.mktemp("words")
    scores = trial(60)
    scores["y"] = scores["y"].clip(0, 60)
    plan = write(here, scores, ("mmrm", "mi", "gee", "prop", "tip"))
    plan.write_text(plan.read_text().replace("smallest_cell: 1", "smallest_cell: 11"))
    run = ["run", str(plan), "--out", str(here / "run"), "--word", "--rtf", "-q"]
    assert main(run) == 0
    assert main(["export", str(plan), "--to", str(here / "export"), "-q"]) == 0
    return here


def test_the_report_in_word(folder: Path) -> None:
    lines = words_of_word((folder / "run/report.docx").read_bytes())
    assert any("Abstract" in line for line in lines)
    titles = [line for line in lines if SOURCE.search(line)]
    assert faults_of_lines([line for line in lines if line not in titles]) == []


def test_the_tables_as_rich_text_and_csv(folder: Path) -> None:
    lines = words_of_rtf((folder / "run/tables.rtf").read_text())
    files = sorted((folder / "run/tables").glob("*.csv"))
    assert len(lines) > len(files) > 5
    lines += [word for file in files for word in words_of_table(file) if not re.match(r"-\d", word)]
    assert faults_of_lines(lines) == []


def test_the_words_of_drawings(folder: Path) -> None:
    drawings = sorted((folder / "run/figures").glob("*.svg"))
    lines = [word for file in drawings for word in words_of_drawing(file.read_text())]
    assert len(drawings) > 3
    assert any("Week 4" in line for line in lines)
    assert faults_of_lines(lines) == []


def test_messages_and_methods_of_the_results(folder: Path) -> None:
    rows = pd.read_csv(folder / "run/results.csv", dtype=str, keep_default_na=False)
    lines = [text for column in ("method", "message", "unit") for text in set(rows[column])]
    assert faults_of_lines(lines) == []


@pytest.mark.parametrize("path", sorted(CODE.rglob("*.[Rrs]*")), ids=lambda path: path.name)
def test_comments_of_the_exported_scripts(path: Path) -> None:
    if path.suffix in (".R", ".sas"):
        assert faults_of_lines(comments_of_code(path.read_text())) == []


def test_scripts_of_a_run(folder: Path) -> None:
    scripts = [f for f in sorted((folder / "export").rglob("*")) if f.suffix in (".R", ".sas")]
    lines = [line for file in scripts for line in comments_of_code(file.read_text())]
    assert scripts
    assert faults_of_lines(lines) == []


def test_what_explain_tells(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pd.read_csv(folder / "run/results.csv", dtype=str, keep_default_na=False)
    for one in rows.groupby(["table", "statistic"])["id"].first():
        assert main(["explain", one, str(folder / "run")]) == 0
    told = NAMES.sub("`x`", capsys.readouterr().out).splitlines()
    prose = [line for line in told if "/" not in line and ":" in line]
    assert len(prose) > 50
    assert faults_of_lines([line.split(":", 1)[1] for line in prose]) == []


def test_what_inspect_tells(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The notes; columns with their roles and the lines of the plan are data and code."""
    assert main(["inspect", str(folder / "data.csv")]) == 0
    told = NAMES.sub("`x`", capsys.readouterr().out).splitlines()
    notes = [line.lstrip("# ") for line in told if line.startswith(("#", "`", "Proposed"))]
    assert len(notes) > 4
    assert faults_of_lines(notes) == []


def helps() -> list[str]:
    """The help of each command and of each of its options."""
    commands = next(
        action.choices
        for action in the_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    texts = [command.description or "" for command in commands.values()]
    return texts + [a.help or "" for c in commands.values() for a in c._actions]


def test_help_of_each_command() -> None:
    assert len(helps()) > 60
    assert faults_of_lines([NAMES.sub("`x`", text) for text in helps()]) == []


@pytest.mark.parametrize("schema", [plan_schema(), synthesis_schema()], ids=["plan", "synthesis"])
def test_descriptions_of_the_schema(schema: dict[str, object]) -> None:
    texts: list[str] = []

    def read(node: object) -> None:
        if isinstance(node, dict):
            told = [node.get("description"), *(node.get("enumDescriptions") or ())]
            texts.extend(text for text in told if isinstance(text, str))
            for part in node.values():
                read(part)
        elif isinstance(node, list):
            for part in node:
                read(part)

    read(schema)
    assert len(texts) > 100
    paragraphs = [" ".join(p.split()) for text in texts for p in text.split("\n\n")]
    assert [str(v) for paragraph in dict.fromkeys(paragraphs) for v in violations(paragraph)] == []
