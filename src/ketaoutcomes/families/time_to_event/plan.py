"""What a plan may say of a time to event."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ketaoutcomes.families.shared.plan import Day, Share, SurvivalPart
from ketaoutcomes.plan.analysis import TicksEveryDays
from ketaoutcomes.plan.combinations import Combination, Never, Written
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings, spoken
from ketaoutcomes.vocabulary import (
    NO_WEIGHTED_TEST,
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


def levels_in_words(factors: dict[Label, dict[Label, Arms]]) -> tuple[tuple[str, ...], ...]:
    """The levels of each factor, with its name where both have a level of the same name."""
    (first, of_first), (second, of_second) = factors.items()
    if of_first.keys().isdisjoint(of_second):
        return tuple(of_first), tuple(of_second)
    return tuple(f"{first} {one}" for one in of_first), tuple(
        f"{second} {one}" for one in of_second
    )


def within_levels(
    factors: dict[Label, dict[Label, Arms]],
) -> tuple[tuple[str, str, str], ...]:
    """Each effect of one factor within a level of the other: its words, its arm and the other arm.

    Those of the first factor come first, and the reference level of the other factor.
    """
    (a0, a1), (b0, b1) = levels_in_words(factors)
    without, second_only, first_only, both = cells_of(factors).values()
    return (
        (f"{a1} against {a0} with {b0}", first_only, without),
        (f"{a1} against {a0} with {b1}", both, second_only),
        (f"{b1} against {b0} with {a0}", second_only, without),
        (f"{b1} against {b0} with {a1}", both, first_only),
    )


def _crossed(factors: dict[Label, dict[Label, Arms]]) -> dict[Label, dict[Label, Arms]]:
    cells_of(factors)
    return factors


Factors = Annotated[
    dict[Label, Levels], Field(min_length=2, max_length=2), AfterValidator(_crossed)
]
"""Factor -> level -> its two arms; of each factor the first level is the reference."""


class LatestScore(PlanPart):
    """The latest score on a scale before a time."""

    scale: str = Field(
        description="Scale whose latest score before a time is the covariate.", examples=["MADRS"]
    )


class EventBefore(PlanPart):
    """Whether an event of this name happened before a time."""

    event: Label = Field(
        description="Event whose occurrence before a time is the covariate.",
        examples=["hospitalisation"],
    )


def _course_kind(course: object) -> str:
    """Which covariate is written, so that a fault in it is told once."""
    holds_event = "event" in course if isinstance(course, dict) else hasattr(course, "event")
    return "event" if holds_event else "score"


TimeVaryingCovariate = Annotated[
    Annotated[LatestScore, Tag("score")] | Annotated[EventBefore, Tag("event")],
    Discriminator(_course_kind),
]


class WeightedCombination(PlanPart):
    """Independent groups, such as stages of an adaptive trial, and their weights."""

    by: CovariateName = Field(
        description="Covariate that names the independent group of each participant.",
        examples=["stage"],
    )
    weights: dict[Label, Annotated[float, Field(gt=0)]] = Field(
        min_length=2,
        description="Weight of each group, fixed before the data are seen.",
        examples=[{"1": 0.5, "2": 0.5}],
    )


class TimeToEventAnalysis(SurvivalPart):
    """Kaplan-Meier, stratified log-rank, Cox and restricted mean time; more where it is asked."""

    fits_one_arm: ClassVar[bool] = True
    comparing_keys: ClassVar[tuple[str, ...]] = (
        *("margin", "strata", "covariates", "restricted_mean_test", "weighted_tests"),
        *("combination", "ties", "periods_days", "cluster", "frailty", "time_varying"),
        *("interaction", "all_arms"),
    )

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"ties": ("exact",), "cluster": Written.YES},
            "`cluster` needs `ties: efron` or `breslow`: the exact partial likelihood has no "
            "robust variance",
        ),
    )

    model: Literal["time_to_event"]
    strata: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Stratification factors of the log-rank test and the Cox model.",
        examples=[["region"]],
    )
    restricted_mean_test: Literal["normal", "t"] = Field(
        default="normal",
        description="Distribution of the test statistic of the RMST difference.",
        examples=["t"],
        json_schema_extra=meanings(
            {
                "normal": "The standard normal distribution.",
                "t": "The t distribution, better with fewer than fifty participants per arm.",
            }
        ),
    )
    risk_table_every_days: TicksEveryDays = None
    interval: Annotated[SurvivalInterval, spoken(SURVIVAL_INTERVAL_NAMES)] = Field(
        default="log-log",
        description=(
            "Scale on which the confidence interval of an event-free probability is calculated."
        ),
        examples=["log_log"],
        json_schema_extra=meanings(
            {
                "log_log": "log(-log) of the probability.",
                "log": "The logarithm of the probability.",
                "plain": "The probability itself.",
                "logit": "Its log odds.",
                "arcsin": "The arcsine of its square root.",
            }
        ),
    )
    quantiles: tuple[Share, ...] = Field(
        default=(0.5,),
        strict=False,
        description=(
            "Proportions of participants with the event; the time to reach each is reported."
        ),
        examples=[[0.25, 0.5]],
    )
    landmark_days: tuple[Day, ...] = Field(
        default=(),
        strict=False,
        description="Days at which event-free probabilities are compared.",
        examples=[[28, 84]],
    )
    weighted_tests: tuple[
        Annotated[WeightedTest, spoken(WEIGHTED_TEST_NAMES, NO_WEIGHTED_TEST)], ...
    ] = Field(
        default=(),
        strict=False,
        description="Weighted tests that are reported in addition to the log-rank test.",
        examples=[["gehan_breslow"]],
        json_schema_extra=meanings(
            {
                "gehan_breslow": "Weights by the number at risk, so early events count more.",
                "tarone_ware": "Weights by the square root of the number at risk.",
                "peto_peto": "Weights by the event-free probability.",
                "fleming_harrington_1_0": "Early differences count more.",
                "fleming_harrington_0_1": "Late differences count more.",
                "fleming_harrington_1_1": "Differences in the middle count more.",
                "max_combo": "The largest of several weighted tests, adjusted for their number.",
            }
        ),
    )
    combination: WeightedCombination | None = Field(
        default=None,
        description=(
            "Weighted combination of independent groups, such as stages of an adaptive trial."
        ),
        examples=[{"by": "stage", "weights": {"1": 0.5, "2": 0.5}}],
    )
    ties: Literal["efron", "breslow", "exact"] = Field(
        default="efron",
        description="How events at the same time enter the Cox model.",
        examples=["efron"],
        json_schema_extra=meanings(
            {
                "efron": "Efron's approximation.",
                "breslow": "Breslow's approximation.",
                "exact": "The exact partial likelihood.",
            }
        ),
    )
    all_arms: bool = Field(
        default=False,
        description=(
            "Also test whether the hazards of all arms of the phase are equal, before two are "
            "compared."
        ),
        examples=[True],
    )
    periods_days: tuple[Day, ...] = Field(
        default=(),
        strict=False,
        description="Days that split follow-up; a hazard ratio is estimated in each period.",
        examples=[[30, 90]],
    )
    cluster: CovariateName | None = Field(
        default=None,
        description=(
            "Covariate that names the cluster of a participant; the standard error of the hazard "
            "ratio is robust to it."
        ),
        examples=["site"],
    )
    frailty: CovariateName | None = Field(
        default=None,
        description="Covariate whose levels each share a random effect.",
        examples=["site"],
    )
    frailty_distribution: FrailtyDistribution = Field(
        default="gamma",
        description="Distribution of the frailty.",
        examples=["gamma"],
        json_schema_extra=meanings(
            {
                "gamma": "A gamma distribution.",
                "gaussian": "A normal distribution on the log hazard.",
            }
        ),
    )
    time_varying: tuple[TimeVaryingCovariate, ...] = Field(
        default=(),
        strict=False,
        description="Covariates that change during follow-up: a latest score, or an event before.",
        examples=[[{"scale": "MADRS"}]],
    )
    competing: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Reasons for the end of follow-up, or criteria, that are competing events.",
        examples=[["death"]],
    )

    interaction: Factors | None = Field(
        default=None,
        description=(
            "The two factors of a two-by-two trial, each with its levels and their arms. "
            "The first level of each is the reference; the interaction is estimated."
        ),
        examples=[
            {
                "drug": {"none": ["a", "b"], "given": ["c", "d"]},
                "therapy": {"none": ["a", "c"], "given": ["b", "d"]},
            }
        ],
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Strata, covariates and clusters."""
        clusters = (self.cluster, self.frailty, self.combination.by if self.combination else None)
        named = (*self.strata, *self.covariates, *(name for name in clusters if name))
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _can_be_computed(self) -> Self:
        if list(self.periods_days) != sorted(set(self.periods_days)):
            raise ValueError("`periods_days` must rise")
        return self
