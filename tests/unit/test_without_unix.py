"""Python functions on a system like Windows, of which the parts that differ are put in place."""

import subprocess
import sys
from pathlib import Path

LIKE_WINDOWS = """
import ctypes, os, shutil, signal, sys
import numpy, pandas
for module in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[module] = None
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1"):
    delattr(signal, name)
for name in ("fork", "getuid", "killpg", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
load, opened, renamed = ctypes.CDLL, os.open, os.rename
def loaded(name, *others, **keys):
    if name is None:
        raise TypeError("LoadLibrary() argument 1 must be str, not None")
    return load(name, *others, **keys)
def opened_file(path, *others, **keys):
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied", str(path))
    return opened(path, *others, **keys)
def renamed_to(old, new, **keys):
    if os.path.exists(new):
        raise FileExistsError(183, "exists", str(new))
    return renamed(old, new, **keys)
ctypes.CDLL, os.open, os.rename = loaded, opened_file, renamed_to
shutil._use_fd_functions = False  # folders are not opened there to be emptied
"""
USED = """
from pathlib import Path
import ketaoutcomes as ko
from ketaoutcomes.runs.disk import write_file, write_folder
for name in dir(ko):
    getattr(ko, name)
here = Path(sys.argv[1])
write_folder(here / "results", {"a.txt": b"first", "in/b.txt": b"first"})
write_folder(here / "results", {"a.txt": b"second"})
write_file(here / "one.txt", b"one")
write_file(here / "one.txt", b"two")
frame = pandas.DataFrame({"id": range(30), "arm": ["a", "b"] * 15, "sleep": range(30)})
print(ko.inspect({"t": frame}))
"""


def test_python_functions_need_nothing_that_windows_lacks(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIKE_WINDOWS + USED, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "sleep" in done.stdout
    # the second folder whole, nothing of the first, and no folder next to it
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert found == {"one.txt", "results", "results/a.txt"}
    assert (tmp_path / "results/a.txt").read_bytes() == b"second"
    assert (tmp_path / "one.txt").read_bytes() == b"two"
