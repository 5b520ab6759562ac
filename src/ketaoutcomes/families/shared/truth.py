"""True values from the same subjects on either treatment: pairs, and means over subjects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.results import Result


@dataclass(frozen=True)
class Pair:
    """An endpoint with everybody on the active and on the reference treatment, or on one alone.

    `paired` says whether the same subjects enter on either; else the two means are compared.
    """

    active: EndpointData
    reference: EndpointData | None
    paired: bool = True

    @property
    def sides(self) -> tuple[EndpointData, ...]:
        """The active side, then the reference where there is one."""
        return (self.active,) if self.reference is None else (self.active, self.reference)


def pair_of(sides: Sequence[EndpointData], *, paired: bool) -> Pair:
    """The active side, and the reference where there is one."""
    return Pair(sides[0], sides[1] if len(sides) > 1 else None, paired)


def contrast_of(row: Result, sides: Sequence[pd.Series], *, paired: bool) -> Result:
    """Mean of one side; or mean difference by subject, or difference of the means of others."""
    if len(sides) == 1:
        return mean_of(row, sides[0])
    if paired:
        return mean_of(row, sides[0] - sides[1])
    active, reference = (mean_of(row, side) for side in sides)
    return replace(
        row,
        estimate=(active.estimate or 0.0) - (reference.estimate or 0.0),
        std_error=float(np.hypot(active.std_error or 0.0, reference.std_error or 0.0)),
        n=(active.n or 0) + (reference.n or 0),
    )


def mean_of(row: Result, difference: pd.Series) -> Result:
    """Mean of what each subject has, with its Monte-Carlo error."""
    known = difference.dropna()
    return replace(
        row,
        estimate=float(known.mean()),
        std_error=float(known.std() / np.sqrt(len(known))),
        n=len(known),
    )
