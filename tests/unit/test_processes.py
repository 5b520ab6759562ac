"""Pieces of work in processes of their own: what they give, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.processes import all_done

PROBLEM = Problem("data.csv", "a number", "a word", "write a number")


def refuse() -> int:
    raise DataError("the data are at fault", (PROBLEM,))


def be_killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def slow(value: int) -> int:
    time.sleep(0.2)
    return value


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_each_gives_its_own_in_the_order_asked_for(processes: int) -> None:
    told: list[str] = []
    work = {"slow": lambda: slow(1), "quick": lambda: 2, "none": lambda: None}
    given = all_done(work, processes, told.append)
    assert [(name, one.taken()) for name, one in given.items()] == [
        ("slow", 1),
        ("quick", 2),
        ("none", None),
    ]
    assert told == ["slow", "quick", "none"]


@pytest.mark.parametrize("processes", [1, 3])
def test_an_error_is_its_own_and_whole(processes: int) -> None:
    given = all_done({"bad": refuse, "good": lambda: 1}, processes, lambda _: None)
    assert given["good"].taken() == 1
    with pytest.raises(DataError, match="the data are at fault") as caught:
        given["bad"].taken()
    assert caught.value.problems == (PROBLEM,)


def test_a_process_that_is_killed_takes_no_other_down() -> None:
    given = all_done({"bad": be_killed, "good": lambda: slow(1)}, 2, lambda _: None)
    assert given["good"].taken() == 1
    with pytest.raises(ChildProcessError, match="killed"):
        given["bad"].taken()


PROGRAM = """
import os, sys, time
from pathlib import Path
from ketaoutcomes.processes import all_done

def work(name):
    Path(sys.argv[1], name).write_text(str(os.getpid()))
    time.sleep(60)

all_done({name: (lambda name=name: work(name)) for name in "ab"}, 2, lambda _: None)
"""


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(condition: object, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_processes_end_with_the_program(tmp_path: Path, request_to_end: signal.Signals) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stderr=subprocess.DEVNULL
    )
    files = [tmp_path / name for name in "ab"]
    assert eventually(lambda: all(file.exists() and file.read_text() for file in files))
    processes = [int(file.read_text()) for file in files]
    assert all(map(is_alive, processes))
    program.send_signal(request_to_end)
    program.wait(20)
    assert eventually(lambda: not any(map(is_alive, processes)))
