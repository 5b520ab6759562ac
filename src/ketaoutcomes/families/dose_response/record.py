"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class DoseResponseRecord:
    """LS means by dose with their limits, and a curve with its pointwise band."""

    analysis: str
    unit: str
    doses: FloatArray
    means: FloatArray
    low: FloatArray
    high: FloatArray
    grid: FloatArray
    curve: FloatArray
    curve_low: FloatArray
    curve_high: FloatArray
