"""Round steps for an axis of days."""

from typing import Final

INTERVALS: Final = 8
"""The axis is shorter than this many steps; as steps at most double, it has five ticks or more."""
ROUND_STEPS: Final = (
    *(digit * 10.0**power for power in range(-5, 0) for digit in (1, 2, 4, 5)),
    *(1.0, 2.0, 4.0, 7.0, 14.0, 28.0, 56.0),
    *(digit * 10.0**power for power in range(2, 9) for digit in (1, 2, 4, 5)),
)
"""Steps in days: weeks from one to eight, and round numbers."""
WEEK, FOUR_WEEKS = 7.0, 28.0


def round_step(end: float) -> float:
    """The shortest round step of which an axis to `end` has fewer than eight.

    From four weeks on the step is a week at least.
    """
    step = next((step for step in ROUND_STEPS if end < INTERVALS * step), end)
    return WEEK if end >= FOUR_WEEKS and step < WEEK else step
