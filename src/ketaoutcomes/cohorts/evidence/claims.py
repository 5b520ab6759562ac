"""One claim about ketamine, and what the published record says of it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.cohorts.evidence.records import ResultId
from ketaoutcomes.plan.parts import Label, Name, PlanPart

Stance = Literal["supported", "emerging", "qualified", "unstudied", "contradicted"]

STANCE_WORDS: dict[Stance, str] = {
    "supported": "supported by randomised evidence",
    "emerging": "emerging: small, uncontrolled or mixed evidence",
    "qualified": "partly supported",
    "unstudied": "not studied: no comparative evidence was found",
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
        Published results that bear on it, and the publications behind `says`; none where
        nothing was found.
    randomised : bool
        False where what supports the claim are cohorts, reports or models.
    events : tuple of str
        Adverse events that the claim is about, by their preferred terms. How many participants
        had each is relevant to it, whatever a plan analyses.
    analysis : bool
        False where no analysis of a plan can bear it out, so that a plan may name none. If the
        published evidence also contradicts the claim, every report that names claims states it.
    between_groups : bool
        True where the claim is that groups of participants differ. What an analysis says of it are
        its tests of interaction and its comparisons of groups; the effect of all says nothing.
    """

    claim: Label
    stance: Stance
    says: str = Field(min_length=1, max_length=400)
    sources: tuple[Name, ...] = Field(default=(), strict=False)
    results: tuple[ResultId, ...] = Field(default=(), strict=False)
    randomised: bool = True
    events: tuple[Label, ...] = Field(default=(), strict=False)
    analysis: bool = True
    between_groups: bool = False

    @property
    def in_words(self) -> str:
        """What the published evidence says, in words."""
        if self.stance == "supported" and not self.randomised:
            return "supported, but not by randomised comparisons"
        return STANCE_WORDS[self.stance]

    @model_validator(mode="after")
    def _evidence_has_sources(self) -> Self:
        """Only a claim without evidence has no source."""
        if not self.sources and self.stance != "unstudied":
            raise ValueError("a claim with evidence names its `sources`")
        return self
