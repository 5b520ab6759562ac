"""All published results, their sources and the claims, as the package carries them."""

from dataclasses import dataclass, field

from ketaoutcomes.cohorts.evidence.claims import Claim
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
from ketaoutcomes.cohorts.evidence.parameters import Family, FittedFamily
from ketaoutcomes.cohorts.evidence.records import PublishedResult, Source
from ketaoutcomes.cohorts.evidence.trials import Trial


@dataclass(frozen=True)
class Evidence:
    """What the package knows of the published record."""

    results: tuple[PublishedResult, ...]
    sources: dict[str, Source]
    claims: dict[str, Claim]
    trials: dict[str, Trial] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    fitted: dict[str, FittedFamily] = field(default_factory=dict)
    ledger: tuple[LedgerRow, ...] = ()

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
