"""Values that take long are kept between runs, and used again only where nothing has changed.

A value is kept under a hash of all that determines it: what the caller names, every file of this
package, the versions of the libraries and the machine. A changed line of code, another version or
another machine is another hash, so a stale value is never found. What is kept is a JSON value with
its own hash; a file that was cut short or changed is made again.
"""

import json
import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pydantic
import scipy

from ketaoutcomes.runs.disk import hash_of, write_file

VARIABLE: Final = "KETAOUTCOMES_CACHE"
"""Environment variable: another folder, or `off` to keep nothing."""

OFF: Final = "off"
MOST_FILES: Final = 200
"""The oldest go; a file holds some 20 kB, that of the schema 300."""

LIBRARIES: Final = tuple(library.__version__ for library in (np, pd, pydantic, scipy))
"""What makes the values, apart from this package and the parser of YAML."""


def kept(kind: str, determined_by: Any, make: Callable[[], Any]) -> Any:
    """A value that an earlier run made from the same, or that is made now and kept.

    Parameters
    ----------
    kind : str
        What the value is; begins the name of its file.
    determined_by : JSON value
        All that the value depends on, apart from this package and the machine.
    make : callable
        Gives the value, which JSON can hold. What it raises is raised, and nothing is kept.

    Returns
    -------
    JSON value
        The same whether it was kept or made now. A folder that cannot be read or written is
        passed over in either case: the value is then made.
    """
    folder, package = kept_folder(), _package()
    if folder is None or package is None:
        return json.loads(_text_of(make()))
    key = hash_of(_text_of([kind, determined_by, package]).encode())
    path = folder / f"{kind}-{key}.json"
    text = _found(path)
    if text is None:
        text = _text_of(make())
        _keep(path, text)
    return json.loads(text)


def kept_folder() -> Path | None:
    """Where values are kept: the user's cache, or the folder that the environment names."""
    told = os.environ.get(VARIABLE, "")
    if told.lower() == OFF:
        return None
    if told:
        return Path(told)
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home has no cache
        return None
    usual = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or usual) / "ketaoutcomes"


def _text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _found(path: Path) -> str | None:
    """The text of a kept value; None where there is none, or not the one that was written."""
    try:
        written, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return text if written == hash_of(text.encode()) else None


def _keep(path: Path, text: str) -> None:
    """Write a value down; a disk that does not take it changes nothing but the next run's time."""
    try:
        write_file(path, f"{hash_of(text.encode())}\n{text}".encode())
        files = sorted(path.parent.glob("*-*.json"), key=lambda file: file.stat().st_mtime)
        for old in files[:-MOST_FILES]:
            old.unlink(missing_ok=True)
    except OSError:
        return


@cache
def _package() -> str | None:
    """A hash of this package, its libraries and the machine; None where it is not in files."""
    root = Path(__file__).resolve().parents[1]
    found = sha256()
    files = sorted(
        os.path.join(folder, name)  # noqa: PTH118 - eight hundred paths, read in each run
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith((".py", ".yaml", ".csv"))
    )
    for file in files:
        found.update(file.removeprefix(str(root)).encode())
        found.update(Path(file).read_bytes())
    # sums may differ in the last bit from one machine to the next
    here = (sys.version, platform.machine(), platform.node())
    found.update(repr((here, LIBRARIES, version("ruamel.yaml"))).encode())
    return found.hexdigest() if files else None
