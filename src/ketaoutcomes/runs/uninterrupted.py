"""What must not be stopped half-way: requests to end wait until it is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

REQUESTS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Ctrl-C, `kill` or a scheduler, and a terminal that closes, as far as the system sends them."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back requests to end, and answer the first of them afterwards.

    A request that comes between the making of a temporary file and the next step would else leave
    the file behind. Only the main thread of a program is ever asked.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    former = {number: signal.getsignal(number) for number in REQUESTS}
    heeded = {n: one for n, one in former.items() if one not in (None, signal.SIG_IGN)}
    try:
        for number in heeded:
            signal.signal(number, lambda number, _frame: came.append(number))
        yield
    finally:
        for number, answer in heeded.items():
            signal.signal(number, answer)
        if came:
            signal.raise_signal(came[0])
