"""What a plan may say of a time to event."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ketaoutcomes.families.shared.plan import Day, Share, SurvivalPart
from ketaoutcomes.plan.analysis import TicksEveryDays
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Label, Name, PlanPart, spoken
from ketaoutcomes.vocabulary import (
    SURVIVAL_INTERVAL_NAMES,
    WEIGHTED_TEST_NAMES,
    FrailtyDistribution,
    SurvivalInterval,
    WeightedTest,
)

Arms = Annotated[tuple[Name, ...], Field(min_length=2, max_length=2, strict=False)]
Levels = Annotated[dict[Label, Arms], Field(min_length=2, max_length=2)]


def cells_of(factors: dict[Label, dict[Label, Arms]]) -> dict[tuple[str, str], str]:
    """The arm of each pair of levels, the reference levels first.

    Raises
    ------
    ValueError
        If the levels do not cross: each pair of them is to have one arm of its own.
    """
    first, second = factors.values()
    cells = {}
    for one, of_one in first.items():
        for other, of_other in second.items():
            shared = sorted(set(of_one) & set(of_other))
            if len(shared) != 1:
                found = ", ".join(shared) or "none"
                raise ValueError(
                    f"one arm has both `{one}` and `{other}`, and no other; found: {found}"
                )
            cells[one, other] = shared[0]
    if len(set(cells.values())) < len(cells):
        twice = sorted(arm for arm in cells.values() if list(cells.values()).count(arm) > 1)
        raise ValueError(f"an arm has one level of each factor, `{twice[0]}` has two of one")
    return cells


def _crossed(factors: dict[Label, dict[Label, Arms]]) -> dict[Label, dict[Label, Arms]]:
    cells_of(factors)
    return factors


Factors = Annotated[
    dict[Label, Levels], Field(min_length=2, max_length=2), AfterValidator(_crossed)
]
"""Factor -> level -> its two arms; of each factor the first level is the reference."""


class LatestScore(PlanPart):
    """The latest score on a scale before a time."""

    scale: str


class EventBefore(PlanPart):
    """Whether an event of this name happened before a time."""

    event: Label


def _course_kind(course: object) -> str:
    """Which covariate is written, so that a fault in it is told once."""
    holds_event = "event" in course if isinstance(course, dict) else hasattr(course, "event")
    return "event" if holds_event else "score"


TimeVaryingCovariate = Annotated[
    Annotated[LatestScore, Tag("score")] | Annotated[EventBefore, Tag("event")],
    Discriminator(_course_kind),
]


class WeightedCombination(PlanPart):
    """Independent groups of subjects, such as stages of an adaptive trial, and their weights."""

    by: CovariateName
    weights: dict[Label, Annotated[float, Field(gt=0)]] = Field(
        min_length=2, description="weight of each group, fixed before the data are seen"
    )


class TimeToEventAnalysis(SurvivalPart):
    """Kaplan-Meier, stratified log-rank, Cox and restricted mean time; more where it is asked."""

    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = (
        *("margin", "strata", "covariates", "restricted_mean_test", "weighted_tests"),
        *("combination", "ties", "periods_days", "cluster", "frailty", "time_varying"),
        *("interaction", "all_arms"),
    )

    model: Literal["time_to_event"]
    strata: tuple[CovariateName, ...] = Field(default=(), strict=False)
    restricted_mean_test: Literal["normal", "t"] = Field(
        default="normal",
        description="law of the difference over its standard error; with fewer than fifty subjects "
        "an arm `t` holds the level better",
    )
    risk_table_every_days: TicksEveryDays = None
    interval: Annotated[SurvivalInterval, spoken(SURVIVAL_INTERVAL_NAMES)] = "log-log"
    quantiles: tuple[Share, ...] = Field(
        default=(0.5,),
        strict=False,
        description="shares of subjects with the event; the time by which each is reached",
    )
    landmark_days: tuple[Day, ...] = Field(
        default=(), strict=False, description="days at which survival is compared"
    )
    weighted_tests: tuple[Annotated[WeightedTest, spoken(WEIGHTED_TEST_NAMES)], ...] = Field(
        default=(), strict=False, description="tests beside the log-rank test"
    )
    all_arms: bool = Field(
        default=False,
        description="also test whether all arms of the phase have the same hazard, before two of "
        "them are compared",
    )
    combination: WeightedCombination | None = None
    ties: Literal["efron", "breslow", "exact"] = "efron"
    periods_days: tuple[Day, ...] = Field(
        default=(), strict=False, description="days that cut follow-up; a hazard ratio in each part"
    )
    cluster: CovariateName | None = Field(
        default=None, description="subjects of one cluster, such as a site, are not independent"
    )
    frailty: CovariateName | None = Field(
        default=None, description="clusters that share a random effect"
    )
    frailty_distribution: FrailtyDistribution = "gamma"
    time_varying: tuple[TimeVaryingCovariate, ...] = Field(default=(), strict=False)
    competing: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="reasons that are events of another kind: end of follow-up, or a criterion",
    )

    interaction: Factors | None = Field(
        default=None,
        description="factor -> level -> arms: whether the effect of one factor depends on the "
        "other, over the four arms of a two-by-two trial; first levels are the references",
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata, covariates and clusters."""
        clusters = (self.cluster, self.frailty, self.combination.by if self.combination else None)
        named = (*self.strata, *self.covariates, *(name for name in clusters if name))
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _can_be_computed(self) -> Self:
        if self.ties == "exact" and self.cluster is not None:
            raise ValueError(
                "`cluster` needs `ties: efron` or `breslow`: the exact partial "
                "likelihood has no robust variance"
            )
        if list(self.periods_days) != sorted(set(self.periods_days)):
            raise ValueError("`periods_days` must rise")
        return self
