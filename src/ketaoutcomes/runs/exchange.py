"""Two folders change places in one step, where the system can do it."""

import ctypes
import errno
import os
from pathlib import Path

HERE = -100
"""AT_FDCWD: paths are relative to the working directory."""

EXCHANGE = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places, so that no moment is without either.

    Returns
    -------
    bool
        False where the system or the file system cannot do it; nothing has then changed.

    Raises
    ------
    OSError
        If it could but failed.
    """
    try:
        system = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):  # a system without such libraries
        return False
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(system, "renameat2"):
        failed = system.renameat2(HERE, names[0], HERE, names[1], EXCHANGE)
    elif hasattr(system, "renamex_np"):
        failed = system.renamex_np(*names, EXCHANGE)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV}:
        return False
    raise OSError(number, os.strerror(number), str(other))
