"""The same data give the same bytes of results in every format that is read."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from formats import WRITERS, numbers_and_codes, workbook, written
from ketaoutcomes.cli.main import main
from unit.data.conftest import CHANGE_PLAN

HEADER = "ID,TRT,SITE,AGE,BASE,WEEK_1,WEEK_2"
WAYS = (*WRITERS, "sheet below a title", "schema.table", "SELECT on a file", "SELECT of two files")


def trial() -> str:
    """Twenty-four people as CSV: codes with zeros, decimals, gaps, and numbers of arms."""
    chance = np.random.default_rng(18)
    rows = []
    for at in range(24):
        base = int(chance.integers(24, 40))
        scores = [base - 4 * (at % 2) - float(chance.integers(0, 9)) / 2 for _ in range(2)]
        told = [f"{score:g}" for score in scores]
        if at % 7 == 3:
            told[1] = ""
        age = "" if at == 5 else f"{chance.integers(200, 700) / 10:g}"
        rows.append(f"P{at:02d},{at % 2},{at % 3:03d},{age},{base},{','.join(told)}")
    return "\n".join([HEADER, *rows]) + "\n"


def plan(source: str | dict[str, object], more: dict[str, object]) -> dict[str, object]:
    """The plan of the trial, whose file is in some format."""
    data = {
        "files": {"visits": source},
        "columns": {
            "subject": "ID",
            "arm": "TRT",
            "scores": {"MADRS": {"Baseline": "BASE", "Week 1": "WEEK_1", "Week 2": "WEEK_2"}},
            "covariates": {"site": "SITE"},
        },
        "labels": {"arm": {"0": "control", "1": "active"}},
        "citation": "A small trial, made by a program",
        **more,
    }
    return CHANGE_PLAN | {"data": data}


def source_of(way: str, text: str, folder: Path) -> tuple[str | dict[str, object], dict]:
    """What the plan names, once it is written, and what else its data block says."""
    match way:
        case "sheet below a title":
            workbook(numbers_and_codes(text), folder / "v.xlsx", above=3, sheet="Scores")
            return {"file": "v.xlsx", "sheet": "Scores"}, {"header_row": 4}
        case "schema.table":
            written(text, "duckdb", folder)
            return {"file": "visits.duckdb", "table": "raw.visits_of_raw"}, {}
        case "SELECT on a file":
            written(text, "xpt8", folder)
            return {"file": "visits.xpt", "query": "SELECT * FROM visits ORDER BY ID DESC"}, {}
        case "SELECT of two files":
            lines = [line.split(",") for line in text.splitlines()]
            for name, columns in (("people", slice(0, 4)), ("scores", slice(4, 7))):
                rows = [",".join([line[0], *line[columns][name == "people" :]]) for line in lines]
                (folder / f"{name}.csv").write_text("\n".join(rows) + "\n")
            files = {"people": "people.csv", "scores": "scores.csv"}
            return {"files": files, "query": "SELECT * FROM people JOIN scores USING (ID)"}, {}
    return written(text, way, folder), {}


def results(way: str, folder: Path) -> bytes:
    """The results of the trial, read in one way."""
    folder.mkdir()
    source, more = source_of(way, trial(), folder)
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan(source, more)), encoding="utf-8")
    assert main(["run", str(folder / "plan.yaml"), "--out", str(folder / "out")]) == 0
    return (folder / "out" / "results.csv").read_bytes()


@pytest.fixture(scope="module")
def by_csv(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return results("csv", tmp_path_factory.mktemp("formats") / "csv")


@pytest.mark.parametrize("way", [way for way in WAYS if way != "csv"])
def test_every_format_gives_the_same_bytes(way: str, by_csv: bytes, tmp_path: Path) -> None:
    assert b"difference in LS means" in by_csv
    assert results(way, tmp_path / "run") == by_csv
