"""Work shared among processes that end with the command that started them."""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterable
from functools import cache
from typing import TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import BrokenProcessPool

from ketaoutcomes.errors import CheckError, Problem

Item = TypeVar("Item")
Made = TypeVar("Made")
SECONDS = 0.5
"""Between two looks at whether the command still runs."""


def shared_out(
    work: Callable[[Item], Made], items: Iterable[Item], workers: int
) -> Generator[Made, None, None]:
    """What the work makes of each item, as it is finished.

    Parameters
    ----------
    workers : int
        Processes; -1 for one a processor, 1 for none but this one.

    Raises
    ------
    CheckError
        If the system stopped one of them.
    """
    parallel = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    command = os.getpid()
    try:
        yield from parallel(delayed(_in_worker)(work, item, command) for item in items)
    except BrokenProcessPool:
        problem = Problem(
            "the worker processes",
            "that each runs to its end",
            "one that the system stopped, mostly for want of memory",
            "give the same command again, with a smaller number under --workers",
        )
        raise CheckError("a worker process was stopped", (problem,)) from None


def _in_worker(work: Callable[[Item], Made], item: Item, command: int) -> Made:
    if os.getpid() != command:
        _end_with(command)
    return work(item)


@cache
def _end_with(command: int) -> None:
    """End this process once the command has gone, be it killed; else it would wait for minutes."""

    def watch() -> None:
        while os.getppid() == command:
            time.sleep(SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
