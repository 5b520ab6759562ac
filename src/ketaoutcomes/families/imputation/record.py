"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class TippingRecord:
    """The difference under shifts of the imputed scores.

    Attributes
    ----------
    arms : tuple of str
        The arms shifted, that along the columns first.
    shifts : tuple of array
        Shifts of each of these arms.
    estimate, conf_low, conf_high, p_value : array, shape (rows, columns)
        One row where only one arm is shifted.
    contour_rows, contour : array, shape (n,)
        Shifts of the second arm, and those of the first at which the interval just reaches zero,
        NaN where none does. Of one value where only one arm is shifted.
    """

    analysis: str
    arms: tuple[str, ...]
    shifts: tuple[FloatArray, ...]
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    p_value: FloatArray
    contour_rows: FloatArray
    contour: FloatArray
