"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve from time 0, constant between `times` (days).

    `at_risk` counts subjects at risk at each tick, None where they may not be shown; `n_events`
    and `n_censored` those with an event, and those censored, up to each tick and, last, in all.
    """

    arm: str
    times: FloatArray
    survival: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    censored_at: FloatArray
    at_risk: tuple[int | None, ...]
    n_events: tuple[int, ...] = ()
    n_censored: tuple[int, ...] = ()


@dataclass(frozen=True)
class HazardTrend:
    """The arm's log hazard ratio over time.

    Attributes
    ----------
    events_at, residuals : FloatArray, shape (n_points,)
        Event times, and scaled Schoenfeld residuals of the arm plus its coefficient; or means of
        these.
    times, estimate, conf_low, conf_high : FloatArray, shape (k,)
        A smooth curve through them, with pointwise limits.
    events_of_a_point : int
        Over how many consecutive events, at least, each of those means is taken.
    """

    events_at: FloatArray
    residuals: FloatArray
    times: FloatArray
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    events_of_a_point: int = 1


@dataclass(frozen=True)
class IncidenceCurve:
    """Cumulative incidence of one kind of event in an arm, constant between `times` (days).

    `n_events` counts events of the kind up to each tick and, last, in all.
    """

    arm: str
    cause: str
    times: FloatArray
    incidence: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    n_events: tuple[int, ...] = ()


@dataclass(frozen=True)
class SurvivalRecord:
    """Curves with the numbers at risk at each tick (days), in the plan's arm order.

    `trend` is there where proportional hazards could be tested, `incidence` where the plan names
    competing events. `joined` curves are known at some ticks only, and lines join them.
    """

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[SurvivalCurve, ...]
    trend: HazardTrend | None = None
    incidence: tuple[IncidenceCurve, ...] = ()
    messages: tuple[str, ...] = ()
    joined: bool = False

    @property
    def shown_ticks(self) -> tuple[float, ...]:
        """Ticks at which the number at risk may be shown in some arm."""
        of_arms = zip(*(curve.at_risk for curve in self.curves), strict=True)
        return tuple(
            tick
            for tick, counts in zip(self.ticks, of_arms, strict=True)
            if any(n is not None for n in counts)
        )
