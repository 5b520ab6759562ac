"""At which ticks a curve may be shown, judged by what happened between them."""

from collections.abc import Sequence

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
        return start_only(at_risk)
    return ticks_shown(known, (n_events, censored(known, (n_events,))), smallest)


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


def start_only(ticks: Sequence[object]) -> list[bool]:
    """Of all ticks the start alone."""
    return [place == 0 for place, _ in enumerate(ticks)]


def censored(at_risk: Counts, kinds: Sequence[Counts]) -> Counts:
    """How many left without an event of these kinds up to each tick, and in all."""
    events = [sum(counts) for counts in zip(*kinds, strict=True)] or [0] * (len(at_risk) + 1)
    return tuple(
        max(at_risk[0] - risk - had, 0) for risk, had in zip((*at_risk, 0), events, strict=True)
    )
