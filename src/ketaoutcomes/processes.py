"""Work shared among processes that end with the command that started them.

What a piece of work gives does not depend on the others, so that the number of processes changes
nothing but the time. `all_done` begins a process for each of a few large pieces, and one that is
killed loses its own piece alone; `shared_out` feeds a pool with many small ones of one kind.
"""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeVar, cast

from ketaoutcomes.errors import CheckError, Problem

Piece = TypeVar("Piece")
Item = TypeVar("Item")

WATCHED_EVERY: Final = 0.5
"""Seconds between two looks of a process at whether the command still runs."""


@dataclass(frozen=True)
class Given(Generic[Piece]):
    """What a piece of work gave: a value, or the error that stopped it."""

    value: Piece | None = None
    error: BaseException | None = None

    def taken(self) -> Piece:
        """The value.

        Raises
        ------
        Exception
            What the piece of work raised; a ChildProcessError where its process was killed.
        """
        if self.error is not None:
            raise self.error
        return cast("Piece", self.value)


def all_done(
    work: Mapping[str, Callable[[], Piece]], processes: int, tell: Callable[[str], None]
) -> dict[str, Given[Piece]]:
    """What each piece of work gave, by its name and in the order of `work`.

    Parameters
    ----------
    work : mapping of str to callable
        Begun in this order. With one process all is done in this one, one after another.
    processes : int
        How many work at a time.
    tell : callable
        Takes the name of each piece as it begins.
    """
    context = _forking()
    if processes == 1 or context is None:
        return {name: _here(name, piece, tell) for name, piece in work.items()}
    given: dict[str, Given[Piece]] = {}
    waiting = list(work)
    running: dict[str, tuple[BaseProcess, Connection]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                name = waiting.pop(0)
                tell(name)
                running[name] = _begun(context, work[name])
            for name in _finished(running):
                given[name] = _given(*running.pop(name))
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.join()
    return {name: given[name] for name in work}


def _forking() -> ForkContext | None:
    """The way to begin a process that has all that this one has; None where there is none."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return None
    return multiprocessing.get_context("fork")


def _here(name: str, piece: Callable[[], Piece], tell: Callable[[str], None]) -> Given[Piece]:
    tell(name)
    try:
        return Given(piece())
    except Exception as error:  # noqa: BLE001 - told where the value is taken
        return Given(error=error)


def _begun(context: ForkContext, piece: Callable[[], Piece]) -> tuple[BaseProcess, Connection]:
    """A process that does a piece of work, and where it gives what came of it."""
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(piece, writer, os.getpid()), daemon=True)
    with warnings.catch_warnings():
        # Python warns of the threads of libraries, none of which a piece of work uses
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    writer.close()
    return process, reader


def _work(piece: Callable[[], Any], writer: Connection, parent: int) -> None:
    """In the process: do the work and give what came of it."""
    # Ctrl-C is answered by the program, which then ends this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for request in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, signal.SIG_DFL)
    _end_with(parent)
    try:
        given = Given(piece())
    except Exception as error:  # noqa: BLE001 - told where the value is taken
        given = Given(error=error)
    writer.send(given)
    writer.close()


@cache
def _end_with(parent: int) -> None:
    """End this process once the command has gone, even if it was killed outright."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCHED_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _finished(running: Mapping[str, tuple[BaseProcess, Connection]]) -> list[str]:
    """Those that have given something or have ended, at least one."""
    ready = wait([reader for _, reader in running.values()])
    return [name for name, (_, reader) in running.items() if reader in ready]


def _given(process: BaseProcess, reader: Connection) -> Given[Any]:
    """What a process gave; an error where it was killed before."""
    try:
        given: Given[Any] = reader.recv()
    except EOFError:
        given = Given(error=ChildProcessError("its process was killed, perhaps for want of memory"))
    finally:
        reader.close()
    process.join()
    return given


def shared_out(
    work: Callable[[Item], Piece], items: Iterable[Item], workers: int
) -> Generator[Piece, None, None]:
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
    from joblib import Parallel, delayed  # noqa: PLC0415 - slow to import
    from joblib.externals.loky.process_executor import BrokenProcessPool  # noqa: PLC0415

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


def _in_worker(work: Callable[[Item], Piece], item: Item, command: int) -> Piece:
    if os.getpid() != command:
        _end_with(command)
    return work(item)
