"""Analyses of differences within participants whom everybody saw in one order."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.parts import meanings, spoken
from ketaoutcomes.vocabulary import EndpointKind

Order = Annotated[
    Literal["fixed", "varied"],
    Field(
        description="Whether every participant had the two conditions in the same order.",
        examples=["fixed"],
        json_schema_extra=meanings(
            {
                "fixed": (
                    "All participants in the same order, so that the difference is also one of "
                    "time."
                ),
                "varied": "In different orders that the data do not hold.",
            }
        ),
    ),
]
TEST_NAMES: Final = {
    "mid-P": ("mid p", "mid-p-value", "McNemar", "McNemar mid-P"),
    "exact": ("exact conditional", "McNemar exact", "binomial", "sign test"),
}
"""P-value of McNemar's test -> its names in SAS and R."""
NO_TEST: Final = {
    **dict.fromkeys(
        ("asymptotic", "chi-square", "chi-squared", "continuity corrected", "Edwards"),
        "that test is not offered, as few participants change; write `mid_p` or `exact`",
    ),
}


class PairedAnalysis(AnalysisPart):
    """Each visit against the first within participants: before and after, or A and then B."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("change",)
    fits_one_arm: ClassVar[bool] = True

    model: Literal["paired"]
    method: Literal["t test", "mixed model"] = Field(
        default="t test",
        description="How the difference is estimated, and whose scores count.",
        examples=["t test"],
        json_schema_extra=meanings(
            {
                "t_test": "The paired t test of participants with both scores.",
                "mixed_model": (
                    "A mixed model (REML, any covariance of the two scores) of participants with "
                    "at least one of both scores."
                ),
            }
        ),
    )
    order: Order = "fixed"


class PairedProportionsAnalysis(AnalysisPart):
    """A yes or no at each visit against that at the first, within participants."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("yes_or_no", "remission")
    fits_one_arm: ClassVar[bool] = True

    model: Literal["paired_proportions"]
    test: Annotated[Literal["mid-P", "exact"], spoken(TEST_NAMES, NO_TEST)] = Field(
        default="mid-P",
        description="The p-value of McNemar's test, of the participants whose outcome changed.",
        examples=["mid_p"],
        json_schema_extra=meanings(
            {
                "mid_p": (
                    "The exact conditional test less half of the probability of the observed "
                    "table in each tail."
                ),
                "exact": "The exact conditional test, which is conservative.",
            }
        ),
    )
    order: Order = "fixed"
