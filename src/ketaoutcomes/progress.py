"""Lines that tell how far a long command is."""

from typing import Self


class Share(str):
    """What is done now, and how much of the whole is done; a line like any other.

    Attributes
    ----------
    done : int
        Equal parts that are done.
    of : int or None
        All of them; None where nobody knows how long it takes.
    """

    __slots__ = ("done", "of")

    done: int
    of: int | None

    def __new__(cls, line: str, done: int = 0, of: int | None = None) -> Self:
        """A line with the share that is done."""
        told = super().__new__(cls, line)
        told.done, told.of = done, of
        return told
