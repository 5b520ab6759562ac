"""One claim about ketamine, and what the published record says of it."""

from typing import Literal

from pydantic import Field

from ketaoutcomes.cohorts.evidence.records import ResultId
from ketaoutcomes.plan.parts import Label, Name, PlanPart

Stance = Literal["supported", "emerging", "qualified", "contradicted"]

STANCE_WORDS: dict[Stance, str] = {
    "supported": "supported by randomised evidence",
    "emerging": "emerging: small, uncontrolled or mixed evidence",
    "qualified": "partly supported",
    "contradicted": "contradicted by published evidence",
}


class Claim(PlanPart):
    """A claim.

    Attributes
    ----------
    claim : str
        The statement.
    says : str
        What the record says of it.
    results, sources : tuple of str
        Published results that bear on it, and the publications behind `says`.
    analysis : bool
        False where no analysis of a cohort can bear it out; it is then stated in every report
        that names claims.
    """

    claim: Label
    stance: Stance
    says: str = Field(min_length=1, max_length=400)
    sources: tuple[Name, ...] = Field(min_length=1, strict=False)
    results: tuple[ResultId, ...] = Field(default=(), strict=False)
    analysis: bool = True
