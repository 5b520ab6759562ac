"""How a command tells what it does: a bar on a terminal, plain lines elsewhere, or nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ketaoutcomes.cli.terminal import note
from ketaoutcomes.progress import Share
from ketaoutcomes.visible import LINES, visible

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

Tell = Callable[[str], None]

BAR: Final = 16
"""Characters of the bar, so few that what is done has room on a narrow terminal."""


@contextmanager
def told(*, quiet: bool = False, timed: bool = False) -> Iterator[Tell]:
    """A function that tells a line on stderr.

    Parameters
    ----------
    quiet : bool
        Nothing is told.
    timed : bool
        Plain lines in any case, each with the seconds since the start.
    """
    if quiet:
        yield lambda _line: None
    elif timed or not sys.stderr.isatty():
        yield _lines(timed=timed)
    else:
        with _bar() as tell:
            yield tell


def _lines(*, timed: bool) -> Tell:
    started = time.monotonic()

    def tell(line: str) -> None:
        clock = f"{time.monotonic() - started:6.1f} s  " if timed else ""
        note(f"{clock}{line}")

    return tell


@contextmanager
def _bar() -> Iterator[Tell]:
    """A bar with the share done and the time left; all other lines stay above it."""
    from rich.console import Console
    from rich.progress import Progress as RichProgress

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with RichProgress(*_columns(), console=console, transient=True, expand=True) as progress:
        yield _on_bar(progress)


def _columns() -> tuple["ProgressColumn", ...]:
    """What is done comes last and is cut: bar, share and time stay whole on a narrow terminal."""
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return (
        SpinnerColumn(),
        BarColumn(bar_width=BAR),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.description}", markup=False, table_column=rest),
    )


def _on_bar(progress: "Progress") -> Tell:
    task = progress.add_task("", total=None)

    def tell(line: str) -> None:
        nonlocal task
        if not isinstance(line, Share):
            progress.console.print(visible(line, LINES), soft_wrap=True)
            return
        if line.of is None or line.done < progress.tasks[0].completed:
            # another piece of work, with a pace of its own
            progress.remove_task(task)
            task = progress.add_task(line, total=line.of)
        progress.update(task, description=line, completed=line.done, total=line.of)

    return tell
