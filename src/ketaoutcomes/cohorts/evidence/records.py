"""One published result and its source; each refuses what cannot be so."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, StringConstraints, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart
from ketaoutcomes.plan.study import HOURS_PER_DAY
from ketaoutcomes.scales import SCALES

Statistic = Literal[
    "mean",
    "SD",
    "mean change",
    "SD of change",
    "mean rise",
    "response",
    "response ever",
    "remission",
    "remission of all",
    "difference",
    "effect size",
    "correlation",
    "correlation of change",
    "correlation with dissociation",
    "correlation with marker",
    "severity before leaving",
    "relapse",
    "hazard ratio",
    "median days to relapse",
    "adverse event",
    "event",
    "completed",
    "stopped for adverse event",
    "response of all",
    "rise ever",
    "level ever",
    "at or above",
    "difference in response",
    "difference in remission",
    "odds ratio of response",
    "odds ratio of remission",
    "odds ratio of event",
    "relative rate of event",
]
RATES = frozenset(
    {
        "response",
        "response of all",
        "response ever",
        "remission",
        "remission of all",
        "relapse",
        "adverse event",
        "event",
        "completed",
        "stopped for adverse event",
        "rise ever",
        "level ever",
        "at or above",
    }
)
BETWEEN_ARMS = frozenset(
    {
        "difference",
        "effect size",
        "hazard ratio",
        "difference in response",
        "difference in remission",
        "odds ratio of response",
        "odds ratio of remission",
    }
)
BETWEEN_PEOPLE = frozenset({"odds ratio of event", "relative rate of event"})
"""Statistics that hold some participants of an arm against others of it."""

RATIOS = frozenset(
    {
        "hazard ratio",
        "odds ratio of response",
        "odds ratio of remission",
        "odds ratio of event",
    }
)
"""Statistics that are compared by their logarithms."""

REMISSIONS = frozenset(
    {"remission", "remission of all", "difference in remission", "odds ratio of remission"}
)
WITHOUT_SCALE = BETWEEN_PEOPLE | {
    "adverse event",
    "event",
    "completed",
    "stopped for adverse event",
    "relapse",
    "hazard ratio",
    "median days to relapse",
}
"""Statistics of what happens, which no scale measures."""

THRESHOLDS = frozenset({"rise ever", "level ever", "at or above"})
ALL_PER_CENT = 100
SPREADS = frozenset({"SD", "SD of change"})
CORRELATIONS = frozenset(
    {
        "correlation",
        "correlation of change",
        "correlation with dissociation",
        "correlation with marker",
    }
)

Reason = Literal[
    "population in no scenario",
    "treatment in no scenario",
    "measure in no scenario",
    "time in no scenario",
    "pools unlike trials",
    "no statistic of an arm",
    "no number in the record",
    "no standard error in the record",
    "the same number as another entry",
    "tells the design",
    "the publication was retracted",
]
"""Why a published result is compared with no scenario."""

ResultId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[a-z0-9_]+)?$")]
Positive = Annotated[FiniteFloat, Field(gt=0)]
Range = Annotated[tuple[float | None, float | None], Field(strict=False)]
Level = str | Range
"""A level of a covariate, or its range: from the first number to below the second."""

Among = dict[Name, Level]
"""Which participants, by covariate; all of them where it is empty."""


class Source(PlanPart):
    """Where a result was published."""

    cite: Label
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.doi is None and self.url is None:
            raise ValueError("a source takes a `doi` or a `url`")
        return self

    @property
    def words(self) -> str:
        """The source as a reader sees it."""
        return f"{self.cite}, doi:{self.doi}" if self.doi else f"{self.cite}, {self._address}"

    @property
    def cited(self) -> str:
        """The source with an address that can be followed."""
        return self.words if self.doi else f"{self.cite}, {self.url}"

    @property
    def _address(self) -> str:
        return str(self.url).partition("//")[2]


class PublishedResult(PlanPart):
    """A number of a publication.

    Attributes
    ----------
    id : str
        Name in the register of evidence, with a word after a dot where an entry holds two numbers.
    day, hours : int, float
        When, from the first dose: day 1 is the day of the first dose.
    n, sd, se, ci, tolerance
        What its standard error comes from.
    derived : str
        How it was worked out, where the publication does not print it.
    assumed : str
        What is assumed of it, because the record does not say.
    computed : str
        The public dataset that it was computed from, where it is not printed anywhere.
    later : bool
        Whether it was found after the register was closed, so that its abstract was all that was
        read.
    among, against : dict
        The participants that it is about, by covariate, and those that they are held against.
    state : {"remission", "response", "no response"}
        A mean of those in this state alone; a response without remission is "response".
    compared_only : bool
        Whether it is compared and never fitted in a replica: it says again what other entries of
        the same patients say, or what the replica takes from the design.
    """

    id: ResultId
    trial: Name
    arm: Name
    statistic: Statistic
    value: FiniteFloat
    source: Name
    scale: Label = "MADRS"
    day: int | None = Field(default=None, ge=1)
    hours: float | None = Field(default=None, ge=0)
    with_hours: float | None = Field(default=None, ge=0)
    versus: Name | None = None
    at_most: FiniteFloat | None = None
    at_least: FiniteFloat | None = None
    among: Among = Field(default_factory=dict, strict=False)
    against: Among = Field(default_factory=dict, strict=False)
    state: Literal["remission", "response", "no response"] | None = None
    fall_percent: float = Field(default=50, gt=0, le=100)
    event: Label | None = None
    marker: Label | None = None
    n: int | None = Field(default=None, ge=2)
    events: int | None = Field(default=None, ge=0)
    sd: Positive | None = None
    se: Positive | None = None
    ci: tuple[FiniteFloat, FiniteFloat] | None = Field(default=None, strict=False)
    tolerance: Positive | None = None
    compared_only: bool = False
    derived: Label | None = None
    assumed: Label | None = None
    computed: Label | None = None
    later: bool = False

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        fault = next(iter((*_faults_of_context(self), *_faults_of_value(self))), None)
        if fault is not None:
            raise ValueError(fault)
        return self

    @property
    def register_id(self) -> str:
        """The entry of the register that holds the number."""
        return self.id.partition(".")[0]

    @property
    def at_hours(self) -> float | None:
        """Hours after the first dose; None where the result belongs to a whole phase."""
        return self.hours if self.day is None else (self.day - 1) * HOURS_PER_DAY

    @property
    def group(self) -> str:
        """Results of the same patients at the same time, whose errors go together."""
        when = "phase" if self.at_hours is None else f"{self.at_hours:g} h"
        return f"{self.trial} / {self.arm} / {when}"


def _faults_of_context(result: PublishedResult) -> Iterator[str]:
    """What the statistic needs beside its value."""
    kind = result.statistic
    if result.day is not None and result.hours is not None:
        yield "a result takes at most one of `day` and `hours`"
    needs = {
        "versus": kind in BETWEEN_ARMS,
        "at_most": kind in REMISSIONS or result.state is not None,
        "at_least": kind in THRESHOLDS,
        "event": kind in ("adverse event", "event") or kind in BETWEEN_PEOPLE,
        "marker": kind == "correlation with marker",
        "with_hours": kind in ("correlation", "correlation of change", "correlation with marker"),
    }
    for field, needed in needs.items():
        if needed and getattr(result, field) is None:
            yield f"a {kind} takes `{field}`"
        if not needed and getattr(result, field) is not None:
            yield f"a {kind} takes no `{field}`"
    if result.versus == result.arm:
        yield "`versus` is another arm than `arm`"
    if (kind in BETWEEN_PEOPLE) != bool(result.against):
        yield "`against` goes with a comparison of participants, and no other statistic"


def _faults_of_value(result: PublishedResult) -> Iterator[str]:
    """What the value cannot be."""
    kind, value = result.statistic, result.value
    scale = SCALES.get(result.scale)
    if kind in RATES and not 0 <= value <= ALL_PER_CENT:
        yield f"a {kind} is from 0 to 100 per cent"
    if kind in SPREADS and value <= 0:
        yield "an SD is above 0"
    if kind in CORRELATIONS and not -1 < value < 1:
        yield "a correlation is between -1 and 1"
    if kind in RATIOS and value <= 0:
        yield f"a {kind} is above 0"
    if kind == "mean" and scale is not None and not scale.low <= value <= scale.high:
        yield f"a mean {scale.name} is from {scale.low:g} to {scale.high:g}"
    if result.ci is not None and not result.ci[0] <= value <= result.ci[1]:
        yield "`ci` holds the value: lower limit, upper limit"
    if result.events is not None:
        yield from _faults_of_count(result)


def _faults_of_count(result: PublishedResult) -> Iterator[str]:
    """A count must give the rate that stands beside it."""
    assert result.events is not None
    if result.n is None or result.events > result.n:
        yield "`events` takes `n`, and is not above it"
    elif abs(ALL_PER_CENT * result.events / result.n - result.value) > _ROUNDED_TO_WHOLE_PER_CENT:
        yield "`value` is 100 times `events` by `n`"


_ROUNDED_TO_WHOLE_PER_CENT = 0.5
