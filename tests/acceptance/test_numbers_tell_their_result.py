"""Every number in a table of a report carries the id of its result, so that it can be explained."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketaoutcomes.pipeline import Request, analyse, prepare
from ketaoutcomes.report.blocks import Cell, Figure, Report, Table
from ketaoutcomes.report.compose import compose_report

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
NO_RESULTS = ("hashes", "versions", "calt", "clmt", "cet02", "kmg02", "mmrmg02")
"""Hashes, versions, the ledger of the calibration, the published record, points of a curve, fitted
correlations."""

NUMBERS_OF_THE_PLAN = {"drst01": 1, "mmrmt03": 1}
"""Columns after the stub that say the dose, or what a contrast is."""

KNOWN_WITHOUT = {"0", "100.0"}
"""Nobody for a reason that others had; everybody is without the event at the start."""


def tables(report: Report) -> Iterator[Table]:
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield block
            if isinstance(block, Figure) and block.data is not None:
                yield block.data


def silent(table: Table) -> Iterator[str]:
    """Numbers without a result."""
    if table.id.startswith(NO_RESULTS):
        return
    first = 1 + NUMBERS_OF_THE_PLAN.get(table.id.split("-")[0], 0)
    for row in table.rows:
        at_start = row[0].text == "0" and table.id.startswith("kmt01")
        for cell in row[first:]:
            if _says_a_number(cell) and not at_start and cell.text not in KNOWN_WITHOUT:
                yield f"{table.id}, {row[0].text}: {cell.text}"


def _says_a_number(cell: Cell) -> bool:
    return bool(re.search(r"\d", cell.text)) and not cell.results


@pytest.mark.parametrize("name", ["trd", "dose", "quality_of_life", "onset_comparison", "safety"])
def test_numbers_carry_the_id_of_their_result(name: str) -> None:
    request = Request(ANALYSES / f"{name}.yaml")
    done = analyse(request, prepare(request, lambda _: None), lambda _: None)
    report = compose_report(done.plan, done.results, done.records, done.provenance)
    known = {row.id for row in done.results.rows}
    found = [words for table in tables(report) for words in silent(table)]
    assert found == []
    told = [i for t in tables(report) for row in t.rows for cell in row for i in cell.results]
    assert len(told) > 50
    assert set(told) <= known
    captions = [
        b.caption for s in report.sections for b in s.blocks if isinstance(b, Table | Figure)
    ]
    assert sorted(set(captions)) == sorted(captions)
