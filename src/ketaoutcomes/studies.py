"""Published results of studies, ready to be pooled."""

import math
from dataclasses import dataclass

from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means, Published

Numbers = tuple[Means, Means] | tuple[Counts, Counts] | Published
"""Of the active arm and of the control; or the effect that the study tells itself."""


@dataclass(frozen=True)
class StudyResult:
    """What one study found of an outcome.

    Attributes
    ----------
    row : int
        Row of the file.
    active, control, instrument : str
        As the file calls them; empty where it does not say.
    days : float or None
    kind : str
        "means", "changes", "counts" or "effects".
    numbers : Numbers
    characteristics, risk_of_bias : tuple of (str, str)
        Label and value.
    turned : bool
        Whether its instrument is scored the other way, so that the sign of its effect is turned.
    """

    study: str
    row: int
    active: str
    control: str
    instrument: str
    days: float | None
    kind: str
    numbers: Numbers
    characteristics: tuple[tuple[str, str], ...] = ()
    risk_of_bias: tuple[tuple[str, str], ...] = ()
    turned: bool = False

    @property
    def sizes(self) -> tuple[int, int] | None:
        """Subjects of the active arm and of the control, where both are told."""
        if not isinstance(self.numbers, Published):
            return self.numbers[0].n, self.numbers[1].n
        told = self.numbers.active_n, self.numbers.control_n
        return None if told[0] is None or told[1] is None else (told[0], told[1])

    @property
    def subjects(self) -> int | None:
        """Subjects of both arms, where they are told."""
        return None if self.sizes is None else sum(self.sizes)

    def characteristic(self, label: str) -> str:
        """What the file says under a label."""
        return dict(self.characteristics)[label]

    def number(self, label: str) -> float | None:
        """The same as a number; None where it is none, or not finite."""
        try:
            value = float(self.characteristic(label))
        except ValueError:
            return None
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class StudyData:
    """The results of one outcome, one a study.

    Attributes
    ----------
    left_out : tuple of (str, int)
        Why rows of the file were not used, and how many.
    not_used : tuple of (str, str)
        Studies of which no row was used, and why the last of their rows was not.
    """

    outcome: str
    rows: int
    studies: tuple[StudyResult, ...]
    left_out: tuple[tuple[str, int], ...]
    not_used: tuple[tuple[str, str], ...] = ()
