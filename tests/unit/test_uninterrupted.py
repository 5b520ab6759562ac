"""A request to end that comes in the middle is answered at the end."""

import signal
import threading
from collections.abc import Iterator, Sequence

import pytest

from ketaoutcomes.cli.ending import Ended, ended_in_order
from ketaoutcomes.runs.uninterrupted import REQUESTS, uninterrupted


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    former = {number: signal.getsignal(number) for number in REQUESTS}
    yield
    for number, answer in former.items():
        signal.signal(number, answer)


@uninterrupted()
def asked_in_the_middle(numbers: Sequence[signal.Signals], done: list[str]) -> None:
    for number in numbers:
        signal.raise_signal(number)
    done.append("the rest")


def test_ctrl_c_waits() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        asked_in_the_middle([signal.SIGINT], done)
    assert done == ["the rest"]
    with pytest.raises(KeyboardInterrupt):  # answered at once again
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_requests_of_the_system_wait_and_the_first_is_answered(number: signal.Signals) -> None:
    done: list[str] = []
    with pytest.raises(Ended) as told, ended_in_order():
        asked_in_the_middle([number, signal.SIGTERM], done)
    assert done == ["the rest"]
    assert told.value.signal == number


def test_a_request_that_the_user_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with uninterrupted():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_an_error_within_is_told() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(OSError, match="full"), uninterrupted():
        raise OSError("full")
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_is_never_asked() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            done.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["done"]
