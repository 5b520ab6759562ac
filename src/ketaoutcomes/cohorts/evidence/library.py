"""All published results, their sources and the claims, as the package carries them."""

from dataclasses import dataclass, field

from ketaoutcomes.cohorts.evidence.claims import Claim
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
from ketaoutcomes.cohorts.evidence.named import NamedMiss
from ketaoutcomes.cohorts.evidence.parameters import Family, FittedFamily, FreeParameter
from ketaoutcomes.cohorts.evidence.records import PublishedResult, Source
from ketaoutcomes.cohorts.evidence.shipped import NotCompared, ShippedRow
from ketaoutcomes.cohorts.evidence.trials import Trial


@dataclass(frozen=True)
class Evidence:
    """What the package knows of the published record.

    Attributes
    ----------
    ledger, shipped : tuple
        The trials' replicas, and the scenarios as they ship, beside what is published.
    folds : tuple
        The scenarios beside what is published, each result without its whole trial in the fit.
    shipping : dict
        By scenario, the parameters that are fitted to what it is compared with as it ships.
    not_carried : tuple of NotCompared
        Verified entries of the register that are no result here, each with the reason.
    named : tuple of NamedMiss
        Misses that a review named.
    missed : dict
        By result, why no scenario meets it that is compared with it.
    """

    results: tuple[PublishedResult, ...]
    sources: dict[str, Source]
    claims: dict[str, Claim]
    trials: dict[str, Trial] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    fitted: dict[str, FittedFamily] = field(default_factory=dict)
    ledger: tuple[LedgerRow, ...] = ()
    shipping: dict[str, dict[str, FreeParameter]] = field(default_factory=dict)
    shipped: tuple[ShippedRow, ...] = ()
    folds: tuple[ShippedRow, ...] = ()
    not_carried: tuple[NotCompared, ...] = ()
    named: tuple[NamedMiss, ...] = ()
    missed: dict[str, str] = field(default_factory=dict)

    def result(self, result_id: str) -> PublishedResult:
        """The published result of this name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for result in self.results:
            if result.id == result_id:
                return result
        raise KeyError(result_id)

    def stated_always(self) -> tuple[str, ...]:
        """Claims that no analysis can bear out and the published evidence contradicts."""
        return tuple(
            name
            for name, claim in self.claims.items()
            if not claim.analysis and claim.stance == "contradicted"
        )
