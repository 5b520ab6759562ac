"""Characters that act are spelled out wherever a command says or writes something.

Titles, labels, arms, columns, terms, files and folders hold escapes of a terminal, turns of
direction and letters of no width. Only the copy of the plan is as it was typed.
"""

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ketaoutcomes.cli.main import main

ACTING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f]"
)
PEOPLE = 60
VISITS = {"Base\u202eline": 1, "Week\u200b 2": 15, "Week 4\x1b": 29}
PLAN = {
    "study": {
        "id": "hostile",
        "title": "Ti\u202etle\x1b[2J\x07",
        "question": "Wh\u2066at?\u200b",
        "condition": "dep\u0085ression",
    },
    "data": {
        "files": {"subjects": "s\u202eubjects.csv", "visits": "visits.csv",
                  "adverse_events": "ae.csv"},
        "columns": {
            "subject": "ID", "arm": "TR\u202eT", "visit": "VISIT", "day": "ADAY", "value": "SCORE",
            "soc": "SOC", "term": "TERM", "covariates": {"sex": "SEX\u2066X"},
        },
        "scale": "MADRS",
        "labels": {
            "arm": {"pl\u202eacebo": "pbo", "dr\x1bug\u2066": "drug"},
            "visit": dict(zip(VISITS, ("Baseline", "Week 2", "Week 4"), strict=True)),
        },
    },
    "phases": {
        "t": {
            "label": "Ph\u202ease",
            "arms": {"pbo": "Pl\u202eacebo\x1b", "drug": "Dr\u2066ug\x07"},
            "reference": "pbo",
            "visits": {"Baseline": {"day": 1}, "Week 2": {"day": 15}, "Week 4": {"day": 29}},
        }
    },
    "endpoints": {"change": {"kind": "change", "phase": "t", "scale": "MADRS"}},
    "estimands": {
        "e": {
            "population": "Al\u202el",
            "treatment": {"active": "drug", "reference": "pbo"},
            "endpoint": "change",
            "visit": "Week 4",
            "intercurrent_events": {"treatment discontinuation": "treatment_policy"},
            "summary": "difference_in_means",
        }
    },
    "analyses": {
        "a": {"estimand": "e", "role": "primary", "model": "mmrm", "label": "Lab\u202eel\x1b[31m",
              "subgroups": [{"by": "sex"}]}
    },
    "safety": {"show_at_least_percent": 0},
    "report": {"baseline_table": ["sex", "baseline"], "smallest_cell": 1},
}  # fmt: skip


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan and its files, in a folder of their own."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = [f"P{k:03d}" for k in range(PEOPLE)]
    pd.DataFrame(
        {
            "ID": ids,
            "TR\u202eT": [("pl\u202eacebo", "dr\x1bug\u2066")[k % 2] for k in range(PEOPLE)],
            "SEX\u2066X": [("ma\u202ele", "fem\u0085ale\u200b")[k // 2 % 2] for k in range(PEOPLE)],
        }
    ).to_csv(folder / "s\u202eubjects.csv", index=False)
    pd.DataFrame(
        [
            {"ID": one, "VISIT": visit, "ADAY": day, "SCORE": 30 - day // 4 + 7 * k * day % 11}
            for k, one in enumerate(ids)
            for visit, day in VISITS.items()
        ]
    ).to_csv(folder / "visits.csv", index=False)
    pd.DataFrame(
        {"ID": ids, "ADAY": 5, "SOC": "Nerv\u202eous", "TERM": "Head\u2066ache\x1b[31m"}
    ).to_csv(folder / "ae.csv", index=False)
    path = folder / "pl\u202ean.yaml"
    path.write_text(yaml.safe_dump(PLAN, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(plan: Path) -> Path:
    """The folder of a run, as a page, in Word and as rich text."""
    out = plan.parent / "o\u202eut"
    assert main(["run", str(plan), "--out", str(out), "--word", "--rtf", "-q"]) == 0
    return out


def words_of(path: Path) -> str:
    """All that a file says."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as parts:
            return "".join(parts.read(p).decode() for p in parts.namelist() if p.endswith(".xml"))
    if path.suffix == ".parquet":
        return "\n".join(map(str, pd.read_parquet(path).astype(str).to_numpy().ravel()))
    return path.read_bytes().decode("utf-8", "replace")


def test_no_file_of_a_run_acts(run: Path) -> None:
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "plan.yaml"]
    assert {path.suffix for path in files} >= {".html", ".docx", ".rtf", ".svg", ".csv", ".json"}
    assert [path.name for path in files if ACTING.search(words_of(path) + path.name)] == []
    # what Word's rich text writes by its number
    assert not re.search(r"\\u8(?:23[4-8]|29[4-7])\b", next(run.rglob("*.rtf")).read_text())
    page = (run / "report.html").read_text()
    assert r"Ti\u202etle\x1b[2J\x07" in page
    assert r"ma\u202ele" in page


def test_no_file_of_an_export_acts(plan: Path) -> None:
    to = plan.parent / "e\u202ex"
    assert main(["export", str(plan), "--to", str(to), "-q"]) == 0
    written = [path for path in to.rglob("*") if path.is_file() and path.name != "plan.yaml"]
    assert [path.name for path in written if ACTING.search(words_of(path))] == []
    assert r"ma\u202ele" in (to / "adsl.csv").read_text()


def test_no_command_says_them(plan: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = pd.read_csv(run / "results.csv")["id"]
    wrong = plan.with_name("wrong.yaml")
    wrong.write_text(plan.read_text(encoding="utf-8").replace("SEX", "SE\u202eY"), encoding="utf-8")
    own = run / "x\u202ey.txt"
    own.write_text("mine")
    commands = [
        (0, "explain", ids[ids.str.contains("u202e")].iloc[0], run),
        (2, "explain", "no\u202ething", run),
        (0, "inspect", plan.parent),
        (0, "validate", plan),
        (3, "run", wrong, "--out", plan.parent / "b"),
        (2, "run", plan, "--out", run),
        (2, "run", plan.with_name("no\u202esuch.yaml")),
        (2, "diff", run, plan.with_name("no\u202esuch")),
    ]
    for code, *words in commands:
        assert main([str(word) for word in words]) == code, words
        told = capsys.readouterr()
        assert not ACTING.search(told.out + told.err), words
        assert r"\u202e" in told.out + told.err, words
    own.unlink()
