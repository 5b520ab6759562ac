"""Rows of tables."""

from collections.abc import Iterable

from ketaoutcomes.report.blocks import Cell
from ketaoutcomes.results import Result


def table_row(stub: str, texts: Iterable[str | Cell], indent: int = 0) -> tuple[Cell, ...]:
    """A row: its stub and the texts beside it."""
    beside = (text if isinstance(text, Cell) else Cell(text) for text in texts)
    return (Cell(stub, header=True, indent=indent), *beside)


def told_by(text: str, *rows: Result | None) -> Cell:
    """A cell that carries the ids of the results it shows."""
    return Cell(text, results=tuple(row.id for row in rows if row is not None))


def all_told_by(texts: Iterable[str], row: Result | None) -> list[Cell]:
    """Cells that show numbers of one result; an empty one tells nothing."""
    return [told_by(text, row) if text else Cell("") for text in texts]
