"""What is kept of a fitted model for the figures."""

from dataclasses import dataclass

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class MeanCurve:
    """Mean number of events of a subject in an arm, constant between `times` (days).

    At each tick, `at_risk` counts subjects still followed, `n_events` events up to it and
    `n_with_event` subjects with any event since the tick before; both end with a number for the end
    of follow-up.
    """

    arm: str
    times: FloatArray
    mean: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    at_risk: tuple[int, ...] = ()
    n_events: tuple[int, ...] = ()
    n_with_event: tuple[int, ...] = ()


@dataclass(frozen=True)
class RecurrentRecord:
    """Mean numbers of events, the reference first.

    `joined` curves are known at some ticks only, and lines join them.
    """

    analysis: str
    ticks: tuple[float, ...]
    curves: tuple[MeanCurve, ...]
    messages: tuple[str, ...] = ()
    joined: bool = False
