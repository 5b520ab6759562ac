"""A rule of estimands that a plan breaks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EstimandFinding:
    """A rule that the plan breaks, where, and what to do.

    Attributes
    ----------
    path : tuple
        The keys that lead to the place in the plan.
    refused : bool
        Whether the plan cannot be run so; else its reader is warned.
    for_reader : str
        What that means for who reads the report, where the plan may be run so.
    """

    path: tuple[str | int, ...]
    expected: str
    found: str
    remedy: str
    source: str
    refused: bool = True
    for_reader: str = ""

    @property
    def place(self) -> str:
        """Where it stands in the plan."""
        return ".".join(map(str, self.path))

    @property
    def sentence(self) -> str:
        """The finding as a warning in words."""
        return f"{self.place}: {self.found}; {self.expected}. {self.remedy} ({self.source})."
