"""A command that is asked to end clears away what it began, as it does after Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

REQUESTS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What `kill`, a scheduler that needs the machine, and a terminal that closes send.

Windows has no terminal that closes so; the command must get as far as to say what to do there.
"""


class Ended(BaseException):
    """The system asked the command to end.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let the signals raise `Ended`, unless the user has them ignored, as `nohup` does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in REQUESTS if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Raise once; a second request must not cut the clearing short."""
    for request in REQUESTS:
        signal.signal(request, signal.SIG_IGN)
    raise Ended(number)
