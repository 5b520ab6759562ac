"""How early people stop in studies of some settings, as published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A setting, and when those who stop do so.

    Attributes
    ----------
    shape : float
        That of a Weibull distribution of the time to stopping: 1 where the hazard stays.
    source : str
        Where the numbers of participants come from, and how the shape follows from them.
    """

    shape: float
    source: str


SETTINGS = {
    "clinic": Setting(
        1.0,
        "92, 87 and 75% of those seen at week 1 were seen at weeks 2, 4 and 6 (HAM-D17 trial of "
        "the DIA working group, Mallinckrodt et al. 2014): about as many left each week",
    ),
    "primary_care": Setting(
        0.4,
        "69.9 and 65.5% were seen after 6 and 12 months (Bellón et al. 2010), a shape of 0.24; "
        "of 26% who left citalopram 34% did so before the first visit at two weeks and 59% more "
        "by week 12 (Warden et al. 2007), a shape of 0.61; between them lies 0.4",
    ),
}
"""By the name that the command takes."""
