"""What a command says, with nothing in it that a terminal would obey or could not show."""

import sys
from typing import TextIO

from ketaoutcomes.visible import LINES, visible


def say(text: str) -> None:
    """Print on standard output: what was asked for."""
    print(_shown(text, sys.stdout))


def note(text: str) -> None:
    """Print on standard error: steps, warnings and faults."""
    print(_shown(text, sys.stderr), file=sys.stderr)


def _shown(text: str, stream: TextIO) -> str:
    """Letters that the terminal lacks are spelled out too, as in a locale of ASCII alone."""
    encoding = stream.encoding or "utf-8"
    return visible(text, LINES).encode(encoding, "backslashreplace").decode(encoding)
