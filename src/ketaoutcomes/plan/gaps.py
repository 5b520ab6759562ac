"""Marked gaps: what a proposed plan leaves for its author to say."""

from collections.abc import Iterator
from typing import Any, Final

MARK: Final = "fill this:"
"""How a value begins that nobody has decided."""

Path = tuple[str | int, ...]


def gap(wanted: str) -> str:
    """A value that stands for what has to be decided, which no plan runs with.

    Parameters
    ----------
    wanted : str
        What is wanted, with the candidates.
    """
    return f"{MARK} {wanted}"


def gaps_in(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where gaps are left in plain data, and what each of them wants."""
    if isinstance(data, str) and data.lstrip().casefold().startswith(MARK):
        yield path, data.lstrip()[len(MARK) :].strip()
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from gaps_in(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from gaps_in(value, (*path, place))
