"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class ValueRecord:
    """A cost-effectiveness plane and acceptability curve.

    Attributes
    ----------
    cost, effect : FloatArray
        Increments of the resamples that are drawn.
    point : (float, float)
        Incremental effect and cost of the sample.
    worths, acceptability : FloatArray
        Worth of a unit of effect, and the share of resamples in which the active arm has the
        greater net benefit.
    """

    analysis: str
    currency: str
    unit: str
    cost: FloatArray
    effect: FloatArray
    point: tuple[float, float]
    worths: FloatArray
    acceptability: FloatArray
