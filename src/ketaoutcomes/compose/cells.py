"""Rows of tables."""

from collections.abc import Iterable

from ketaoutcomes.report import Cell


def table_row(stub: str, texts: Iterable[str], indent: int = 0) -> tuple[Cell, ...]:
    """A row: its stub and the texts beside it."""
    return (Cell(stub, header=True, indent=indent), *(Cell(text) for text in texts))
