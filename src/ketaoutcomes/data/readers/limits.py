"""Files that would fill the memory, or that lie outside their folder, are refused unread."""

from pathlib import Path
from typing import Final

from ketaoutcomes.data.readers.refusals import refusal

MOST_BYTES: Final = 2 * 1024**3
"""Of a file, and of what it unpacks to; the largest phase 3 exports are a tenth of it."""

MOST_CELLS: Final = 200_000_000
"""Rows by columns; a text cell needs at least 8 bytes of memory."""

MOST_EXPANSION: Final = 200
"""Times its size that a compressed file may unpack to; tables of numbers reach about 20, a file
made to exhaust the memory about 1000."""

FREE_BYTES: Final = 16 * 1024**2
"""Below this no expansion is too great."""

SMALLER: Final = "use an extract of the columns and rows that the plan needs"


def located(folder: Path, name: str) -> Path:
    """The path of a file of the plan, which may not lead out of the folder.

    Raises
    ------
    DataError
        If it is absolute, climbs out with `..`, or is a link to somewhere else.
    """
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    if Path(name).is_absolute() or ".." in Path(name).parts or not inside:
        raise refusal(
            name,
            "a file inside the data folder",
            "a path or a link that leads out of it",
            "put the file itself in the folder, and give its path from there",
        )
    return path


def refuse_oversized(name: str, size: int) -> None:
    """Refuse a file too large to be read."""
    if size > MOST_BYTES:
        raise refusal(name, f"a file of at most {_in_gb(MOST_BYTES)}", _in_gb(size), SMALLER)


def refuse_many_cells(name: str, rows: int, columns: int) -> None:
    """Refuse a table that says, or shows, that it has too many rows."""
    if rows * columns > MOST_CELLS:
        raise refusal(
            name,
            f"at most {MOST_CELLS:,} cells",
            f"{rows:,} rows of {columns:,} columns",
            SMALLER,
        )


def refuse_expansion(name: str, packed: int, unpacked: int) -> None:
    """Refuse a compressed file that unpacks to far more than it holds."""
    bomb = unpacked > FREE_BYTES and unpacked > MOST_EXPANSION * packed
    if bomb or unpacked > MOST_BYTES:
        raise refusal(
            name,
            f"a file that unpacks to at most {MOST_EXPANSION} times its size "
            f"and {_in_gb(MOST_BYTES)}",
            f"{packed:,} bytes that unpack to {unpacked:,} or more",
            "export the data again without compression; do not open a file from a stranger",
        )


def _in_gb(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"
