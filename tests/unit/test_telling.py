"""What a command tells: a bar on a terminal, plain lines when piped, nothing with -q."""

import os
import pty
import re
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from ketaoutcomes.cli.telling import _columns, _on_bar, told
from ketaoutcomes.progress import Share

PROGRAM = """
from rich.console import Console
from rich.progress import Progress

from ketaoutcomes.cli.telling import _columns, _on_bar, told
from ketaoutcomes.progress import Share

with told() as tell:
    tell("reading the [bold]plan[/bold]")
    for done in range(5):
        tell(Share(f"{done} of 4 chunks", done, 4))
    tell("note: 3 files were made again")
"""
LINES = ["reading it", Share("1 of 2 chunks", 1, 2), "warning: odd"]


def test_a_share_is_a_line_like_any_other() -> None:
    share = Share("1 of 2 chunks", 1, 2)
    assert (share, share.done, share.of) == ("1 of 2 chunks", 1, 2)


def test_plain_lines_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    with told() as tell:
        for line in LINES:
            tell(line)
    assert capsys.readouterr().err == "reading it\n1 of 2 chunks\nwarning: odd\n"


def test_nothing_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with told(quiet=True) as tell:
        for line in LINES:
            tell(line)
    assert capsys.readouterr() == ("", "")


def test_seconds_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with told(timed=True) as tell:
        tell("reading it")
    clock, unit, line = capsys.readouterr().err.split(maxsplit=2)
    assert float(clock) >= 0
    assert (unit, line) == ("s", "reading it\n")


def test_a_bar_on_a_terminal_keeps_every_other_line() -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        shown += part
    assert program.wait(20) == 0
    text = shown.decode()
    assert "reading the [bold]plan[/bold]" in text
    assert "note: 3 files were made again" in text
    assert "4 of 4 chunks" in text
    assert "100%" in text


def test_a_bar_claims_no_share_of_what_nobody_can_count() -> None:
    """After the last chunk true values are found: the bar moves, but is not at 100 %."""
    progress = Progress(console=Console(file=StringIO()))
    tell = _on_bar(progress)
    for line in (Share("0 of 2 chunks", 0, 2), Share("2 of 2 chunks", 2, 2)):
        tell(line)
    assert progress.tasks[0].finished
    tell(Share("finding the true values"))
    (task,) = progress.tasks
    assert task.total is None
    assert not task.finished


def test_a_bar_begins_anew_with_another_piece_of_work() -> None:
    """Each fold is fitted from its first step on, with a pace of its own."""
    progress = Progress(console=Console(file=StringIO()), get_time=iter(range(100)).__next__)
    tell = _on_bar(progress)
    for line in (Share("cost 9", 0, 40), Share("cost 5", 30, 40), Share("cost 8", 0, 40)):
        tell(line)
    (task,) = progress.tasks
    assert (task.completed, task.total, task.description) == (0, 40, "cost 8")
    assert task.speed is None


@pytest.mark.parametrize("columns", [40, 80])
def test_bar_share_and_time_stay_whole_on_a_narrow_terminal(columns: int) -> None:
    """On 40 columns the bar was one character wide and the time left was cut."""
    written = StringIO()
    console = Console(file=written, width=columns, force_terminal=True, color_system=None)
    progress = Progress(*_columns(), console=console, expand=True)
    progress.add_task(
        "fitting the difference between two arms at every visit", total=3, completed=1
    )
    console.print(progress.get_renderable())
    (line,) = written.getvalue().rstrip("\n").splitlines()
    assert len(line) <= columns
    assert re.search(r"\u2501 +33% --:-- fitting ", line)
    assert line.rstrip().endswith("\N{HORIZONTAL ELLIPSIS}")
