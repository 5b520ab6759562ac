"""The ledger of the calibration: each target beside what its scenario gives."""

from csv import DictReader
from dataclasses import dataclass
from io import StringIO
from typing import Literal

Verdict = Literal["within 1 SE", "within 2 SE", "missed"]
LedgerRole = Literal["fitted", "held out", "set"]
"""`set` where the scenario holds the published value itself."""


def verdict_of(residual: float) -> Verdict:
    """How far a residual is from nought, in standard errors of the publication."""
    size = abs(residual)
    if size <= 1:
        return "within 1 SE"
    return "within 2 SE" if size <= 2 else "missed"


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One target.

    Attributes
    ----------
    id, trial, scenario, family : str
        The published result, its trial, and the scenario that replays it.
    published, std_error : float
        Of a hazard ratio the error is that of its logarithm.
    origin : str
        Where the standard error comes from.
    achieved, mc_error : float
        From a large cohort with a seed that the fit has not seen.
    residual : float
        Achieved less published in standard errors.
    assumed : str
        What is assumed of the result or of the design.
    """

    id: str
    family: str
    scenario: str
    trial: str
    role: LedgerRole
    published: float
    std_error: float
    origin: str
    achieved: float
    mc_error: float
    residual: float
    verdict: Verdict
    assumed: str = ""


def read_ledger(text: str) -> tuple[LedgerRow, ...]:
    """The rows of a ledger written as CSV."""
    return tuple(
        LedgerRow(
            **{  # type: ignore[arg-type]
                name: float(word) if name in _NUMBERS else word for name, word in row.items()
            }
        )
        for row in DictReader(StringIO(text))
    )


_NUMBERS = frozenset({"published", "std_error", "achieved", "mc_error", "residual"})
