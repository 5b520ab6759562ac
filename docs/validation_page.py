"""A Sphinx extension: the page of every comparison with other software, from `validation.csv`."""

import csv
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INTRODUCTION = """\
# Validation

Every result of R and SAS that the project's tests hold beside its own. The reference results and
the public datasets behind them do not travel with the project; where they lie beside it, `make
test` makes each comparison again and `make validation` writes the numbers of this page.

A **difference** is relative to the reference number, and for a number near zero to a thousandth of
the greatest of its table. The largest of all numbers of a case is shown, with the tolerance that
the test allows: 1e-06 where two optimisers sit at the same optimum, 1e-04 where the other software
stopped early, printed four digits, or differentiates numerically.
"""
TITLES = {
    "test_mmrm_reference": "Mixed models for repeated measures: R mmrm 0.3.18",
    "test_survival_reference": "Survival: R survival 3.5, cmprsk, coxme, survRM2, simtrial",
    "test_gee_reference": "Generalised estimating equations: R geepack",
    "test_mixed_reference": "Mixed models: R lme4, lmerTest and nlme",
    "test_rbmi_reference": "Reference-based imputation: R rbmi 1.5.2",
}
Row = dict[str, str]


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    page = HERE / "validation.md"
    app.connect("config-inited", lambda *_: page.write_text(validation(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def validation() -> str:
    """The page as Markdown."""
    with (HERE / "validation.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["file"], _case(row)))
    parts = [_part(file, list(found)) for file, found in groupby(rows, lambda row: row["file"])]
    return "\n".join([INTRODUCTION, *parts])


def _part(file: str, rows: list[Row]) -> str:
    total = sum(int(row["numbers"]) for row in rows)
    table = [
        "| case | tolerance | numbers | largest difference |",
        "|---|---|---|---|",
        *_lines(rows),
    ]
    return "\n".join([f"## {TITLES.get(file, file)}", "", f"{total:,} numbers.", "", *table, ""])


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    """A line a case and tolerance."""
    by_case = sorted(rows, key=lambda row: (_case(row), float(row["tolerance"])))
    for (case, tolerance), found in groupby(by_case, lambda row: (_case(row), row["tolerance"])):
        same = list(found)
        count = sum(int(row["numbers"]) for row in same)
        largest = max(float(row["largest_difference"]) for row in same)
        yield f"| {case} | {tolerance} | {count:,} | {largest:.0e} |"


def _case(row: Row) -> str:
    """What was compared: the parameter of the test, or its name in words."""
    name, _, parameter = row["test"].partition("[")
    return parameter.rstrip("]") or name.removeprefix("test_").replace("_", " ")
