"""A name in a plan that points at nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ketaoutcomes.errors import did_you_mean
from ketaoutcomes.plan.reading.numbers import days_in
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.spelling import SHORTEST_STEM, bare


@dataclass(frozen=True)
class Dangling:
    """A name, where it stands, and what could stand there."""

    path: Path
    name: str
    expected: str
    found: str
    choices: tuple[str, ...] = ()
    remedy: str = ""


def named(path: Path, name: str, kind: str, choices: tuple[str, ...]) -> Iterator[Dangling]:
    """A fault if a name is none of the choices."""
    if name not in choices:
        yield Dangling(path, name, f"{kind} that the plan defines", f"`{name}`", choices)


def scale_known(path: Path, name: str, known: tuple[str, ...]) -> Iterator[Dangling]:
    """A fault if a scale is neither the plan's nor one of the package."""
    if name not in known:
        yield Dangling(
            path,
            name,
            "a scale that the plan defines",
            f"`{name}`",
            known,
            "define it under `scales:` with its `label`, `low`, `high`, `better` and `source`, or "
            "use one of the package, which `ketaoutcomes list` prints",
        )


def name_meant(name: str, choices: Iterable[str]) -> str:
    """What to write for a name that is spelt otherwise, or tells the time of a visit; else "".

    Examples
    --------
    >>> name_meant("4 weeks", ["Day 14", "Day 28"])
    'the visit at that time is called `Day 28`'
    >>> name_meant("Day 15", ["Day 14", "Day 28"])
    ''
    """
    known = tuple(choices)
    if question := did_you_mean(name, known):
        return question
    days = days_in(name)
    timed = [choice for choice in known if days is not None and days_in(choice) == days]
    if len(timed) == 1:
        return f"the visit at that time is called `{timed[0]}`"
    begun = [choice for choice in known if _begins(choice, bare(name))]
    whole = [one for one in begun if not any(one.startswith(f"{other} ") for other in begun)]
    return f"use one of: {', '.join(whole)}" if whole else ""


def _begins(choice: str, start: str) -> bool:
    """Whether a name begins with these letters, and not with the first digits of a number."""
    rest = bare(choice).removeprefix(start)
    return (
        len(start) >= SHORTEST_STEM
        and rest != bare(choice)
        and not (start[-1].isdigit() and rest[:1].isdigit())
    )
