"""Published results of studies, ready to be pooled."""

from dataclasses import dataclass

from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means


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
        "means", "changes" or "counts".
    numbers : pair
        Of the active arm and of the control.
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
    numbers: tuple[Means, Means] | tuple[Counts, Counts]
    characteristics: tuple[tuple[str, str], ...] = ()
    risk_of_bias: tuple[tuple[str, str], ...] = ()
    turned: bool = False

    @property
    def subjects(self) -> int:
        """Subjects of both arms."""
        return self.numbers[0].n + self.numbers[1].n

    @property
    def variance_by_size(self) -> float:
        """The part of the variance of a standardised difference that its size does not change."""
        return 1 / self.numbers[0].n + 1 / self.numbers[1].n


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
