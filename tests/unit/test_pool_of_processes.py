"""Workers of a pool end with the command, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ketaoutcomes.errors import CheckError
from ketaoutcomes.processes import shared_out

COMMAND = """
import os, sys, time
from contextlib import closing
from pathlib import Path
from ketaoutcomes.cli.ending import Ended, ended_in_order
from ketaoutcomes.processes import shared_out

def work(folder):
    Path(folder, str(os.getpid())).touch()
    time.sleep(120)

try:
    with ended_in_order(), closing(shared_out(work, [sys.argv[1]] * 4, 2)) as made:
        list(made)
except Ended:
    sys.exit(7)
"""
PATIENCE = 60
"""Seconds that a busy machine may need to start or stop a process."""


def runs(process: int) -> bool:
    """Whether a process is there and not only waits to be counted as ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def waited_for(what) -> bool:
    until = time.monotonic() + PATIENCE
    while not what() and time.monotonic() < until:
        time.sleep(0.1)
    return what()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_command(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", COMMAND, str(tmp_path)]) as command:
        assert waited_for(lambda: len(list(tmp_path.iterdir())) == 2)
        workers = [int(path.name) for path in tmp_path.iterdir()]
        assert all(map(runs, workers))
        command.send_signal(how)
        assert command.wait(PATIENCE) == (7 if how == signal.SIGTERM else -how)
    assert waited_for(lambda: not any(map(runs, workers)))


def ended_by_the_system(_item: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_the_system_ends_is_told() -> None:
    with pytest.raises(CheckError, match="a worker process was stopped"):
        list(shared_out(ended_by_the_system, range(4), 2))


def test_one_worker_is_this_process() -> None:
    assert list(shared_out(lambda _: os.getpid(), range(3), 1)) == [os.getpid()] * 3
