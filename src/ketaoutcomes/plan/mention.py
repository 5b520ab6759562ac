"""A place of a plan that names a value of the data."""

from dataclasses import dataclass
from typing import Literal

from ketaoutcomes.remarks import Gravity

Path = tuple[str | int, ...]
Kind = Literal["event", "reason", "term", "item", "level", "scale", "ending", "test"]


@dataclass(frozen=True)
class Mention:
    """A place of the plan that names a value of the data.

    Attributes
    ----------
    path : tuple
        The keys that lead to it.
    consequence : str
        What follows for the numbers where no row has it.
    gravity : {"note", "warning"}
        Of its absence.
    phase : str
        Where it must occur; "" for anywhere.
    column : str
        The covariate of a level.
    analyses : tuple of str
        The analyses whose numbers rest on it.
    needed : bool
        Whether there is no number at all without it.
    also : tuple of str
        Other names by which the plan makes it known: a criterion is also a reason.
    """

    path: Path
    name: str
    kind: Kind
    consequence: str
    gravity: Gravity = "note"
    phase: str = ""
    column: str = ""
    analyses: tuple[str, ...] = ()
    needed: bool = False
    also: tuple[str, ...] = ()
