"""The ledger of the scenarios as users get them, and what is compared with none of them."""

from collections import Counter
from collections.abc import Iterable
from csv import DictReader
from dataclasses import dataclass, fields
from io import StringIO
from typing import Literal, get_args

from ketaoutcomes.cohorts.evidence.ledger import Verdict
from ketaoutcomes.cohorts.evidence.records import Reason

ShippedRole = Literal["fitted", "held out"]
"""`fitted` where the scenario was set to meet any result of the trial, `held out` where to none."""

REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, kw_only=True)
class ShippedRow:
    """A published result beside a scenario as it ships, and beside the trial's own replica.

    Attributes
    ----------
    id, trial : str
        The published result, and its trial.
    scenario, phase, arm : str
        Where it is compared; the scenario's own names.
    published, std_error : float
        Of a ratio the error is that of its logarithm.
    origin : str
        Where the standard error comes from.
    shipped, mc_error : float
        What the scenario gives, from a large cohort with a seed that no fit has seen.
    spread : float
        SD of the result between trials of the scenario's design, beyond chance.
    residual, residual_with_spread : float
        Shipped less published in standard errors, without and with the spread between trials.
    verdict, verdict_with_spread : str
    replica, replica_residual : float or None
        The same result in the trial's replica, with the trial's own values; None without one.
    replica_verdict : str
        Empty without a replica.
    assumed : str
        What is assumed of the result or of the comparison.
    contradicted_by : str
        Names of the results of other trials, of the same measure, that no value is within two
        standard errors of beside this one; parted by spaces.
    """

    id: str
    trial: str
    scenario: str
    phase: str
    arm: str
    role: ShippedRole
    published: float
    std_error: float
    origin: str
    shipped: float
    mc_error: float
    residual: float
    verdict: Verdict
    spread: float
    residual_with_spread: float
    verdict_with_spread: Verdict
    replica: float | None = None
    replica_residual: float | None = None
    replica_verdict: Verdict | Literal[""] = ""
    assumed: str = ""
    contradicted_by: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether it is beyond two standard errors of the publication, without any spread."""
        return self.verdict == "missed"


@dataclass(frozen=True, kw_only=True)
class NotCompared:
    """A verified result that is compared with no scenario.

    Attributes
    ----------
    id, trial, what, source : str
        The entry of the register, whose it is, what it says, and where that is published.
    reason : str
        Why it is not compared.
    """

    id: str
    trial: str
    what: str
    source: str
    reason: Reason


_NUMBERS = frozenset(
    field.name for field in fields(ShippedRow) if field.type in (float, float | None)
)


def read_shipped(text: str) -> tuple[ShippedRow, ...]:
    """The rows of the ledger written as CSV."""
    return tuple(
        ShippedRow(
            **{  # type: ignore[arg-type]
                name: _number(word) if name in _NUMBERS else word for name, word in row.items()
            }
        )
        for row in DictReader(StringIO(text))
    )


def _number(word: str) -> float | None:
    return float(word) if word else None


def read_not_compared(text: str) -> tuple[NotCompared, ...]:
    """The results that are compared with no scenario, written as CSV."""
    return tuple(NotCompared(**row) for row in DictReader(StringIO(text)))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Share:
    """How many of some results are met."""

    results: int
    within_one: int
    within_two: int

    def percent(self, met: int) -> float:
        """Per cent of them; 0 of none."""
        return 100 * met / self.results if self.results else 0.0


def shares(verdicts: Iterable[str]) -> Share:
    """How many verdicts there are, within one and within two standard errors."""
    n = Counter(verdicts)
    one = n["within 1 SE"]
    return Share(sum(n.values()), one, one + n["within 2 SE"])
