"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class ParametricCurve:
    """A fitted survival curve of an arm, and the one that presumes no law.

    Attributes
    ----------
    left, right, survival : FloatArray, shape (k,)
        Intervals in which the free curve falls, and its height after each; empty where its steps
        may not be shown.
    times, fitted : FloatArray
        The parametric curve, averaged over the subjects' covariates.
    """

    arm: str
    left: FloatArray
    right: FloatArray
    survival: FloatArray
    times: FloatArray
    fitted: FloatArray


@dataclass(frozen=True)
class ParametricRecord:
    """Curves of a parametric model, the reference first."""

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[ParametricCurve, ...]
    messages: tuple[str, ...] = ()
