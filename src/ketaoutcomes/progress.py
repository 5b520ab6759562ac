"""Lines that tell how far a long command is."""

from typing import Self


class Share(str):
    """What is done now, and how much of the whole is done; a line like any other.

    Attributes
    ----------
    done, of : int
        Equal parts that are done, and all of them.
    """

    __slots__ = ("done", "of")

    done: int
    of: int

    def __new__(cls, line: str, done: int, of: int) -> Self:
        """A line with the share that is done."""
        told = super().__new__(cls, line)
        told.done, told.of = done, of
        return told
