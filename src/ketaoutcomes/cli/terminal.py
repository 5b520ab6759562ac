"""What a command says, with nothing in it that a terminal would obey."""

import sys

from ketaoutcomes.visible import LINES, visible


def say(text: str) -> None:
    """Print on standard output: what was asked for."""
    print(visible(text, LINES))


def note(text: str) -> None:
    """Print on standard error: steps, warnings and faults."""
    print(visible(text, LINES), file=sys.stderr)
