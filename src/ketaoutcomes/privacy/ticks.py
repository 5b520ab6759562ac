"""At which ticks a curve may be shown, judged by what happened between them."""

from collections.abc import Sequence

from ketaoutcomes.families.records import MeanCurve, SurvivalCurve, SurvivalRecord

Counts = tuple[int, ...]


def days_shown(at_risk: tuple[int | None, ...], n_events: Counts, smallest: int) -> list[bool]:
    """Ticks at which a curve may be shown.

    Between one such tick and the next, and after the last, none or at least `smallest` subjects had
    the event, and none or as many were censored; at least `smallest` are at risk.

    Parameters
    ----------
    at_risk : tuple of int
        Subjects at risk at each tick; the first is the start.
    n_events : tuple of int
        Events up to each tick, and in all.
    """
    known = tuple(n for n in at_risk if n is not None)
    if len(n_events) != len(known) + 1:
        return _start_only(at_risk)
    return ticks_shown(known, (n_events, _censored(known, (n_events,))), smallest)


def ticks_shown(at_risk: Counts, happened: Sequence[Counts], smallest: int) -> list[bool]:
    """Ticks between which, and after which, none or at least `smallest` of each kind happened.

    Parameters
    ----------
    at_risk : tuple of int
        Subjects at risk at each tick.
    happened : sequence of tuple of int
        For each kind, how many up to each tick, and in all.
    """
    *columns, total = zip(*happened, strict=True)
    shown = [True]
    last = tuple(0 for _ in happened)
    for risk, here in zip(at_risk[1:], columns[1:], strict=True):
        steps = [now - before for now, before in zip(here, last, strict=True)]
        rests = [whole - now for whole, now in zip(total, here, strict=True)]
        enough = all(step <= 0 or step >= smallest for step in (*steps, *rests))
        shown.append(enough and risk >= smallest)
        last = here if shown[-1] else last
    return shown


def survival_ticks(
    record: SurvivalRecord, curve: SurvivalCurve, smallest: int
) -> tuple[list[bool], list[bool]]:
    """Ticks of an arm's survival, and of its incidence of each kind of event.

    They are the same for both, or there is no incidence: set against each other, they tell how many
    events of other kinds came before. Survival alone is kept where incidence would cost it more
    than half of its ticks.
    """
    alone = days_shown(curve.at_risk, curve.n_events, smallest)
    kinds = [one.n_events for one in record.incidence if one.arm == curve.arm]
    known = tuple(n for n in curve.at_risk if n is not None)
    if not kinds or any(len(kind) != len(known) + 1 for kind in (*kinds, curve.n_events)):
        return alone, _start_only(alone)
    free = (_censored(known, (curve.n_events,)), _censored(known, kinds))
    both = ticks_shown(known, (curve.n_events, *kinds, *free), smallest)
    return (both, both) if 2 * sum(both[1:]) >= sum(alone[1:]) else (alone, _start_only(alone))


def mean_ticks(curve: MeanCurve, smallest: int) -> list[bool]:
    """Ticks of a mean number of events.

    Between two of them, and after the last, there were no events or at least `smallest` in as many
    subjects, and none or as many subjects left.
    """
    n, events, subjects = curve.at_risk, curve.n_events, curve.n_with_event
    if not n or len(events) != len(n) + 1:
        return [True]
    shown = ticks_shown(n, (events, _censored(n, ())), smallest)
    start = 0
    for place in range(1, len(n)):
        # at least as many subjects as in the tick that most had an event in
        between, after = max(subjects[start + 1 : place + 1]), max(subjects[place + 1 :])
        enough = all(most == 0 or most >= smallest for most in (between, after))
        shown[place] = shown[place] and enough
        start = place if shown[place] else start
    return shown


def _start_only(ticks: Sequence[object]) -> list[bool]:
    return [place == 0 for place, _ in enumerate(ticks)]


def _censored(at_risk: Counts, kinds: Sequence[Counts]) -> Counts:
    """How many left without an event of these kinds up to each tick, and in all."""
    events = [sum(counts) for counts in zip(*kinds, strict=True)] or [0] * (len(at_risk) + 1)
    return tuple(
        max(at_risk[0] - risk - had, 0) for risk, had in zip((*at_risk, 0), events, strict=True)
    )
