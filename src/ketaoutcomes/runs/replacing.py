"""Nothing of anybody's is deleted: which folder a command may write, and which files it replaces.

A folder is replaced whole, so it must hold nothing but what this program wrote there, as it wrote
it. Everything is looked at before a command computes, and again when its files are written.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ketaoutcomes.errors import CommandError, Problem
from ketaoutcomes.runs.disk import MANIFEST, hash_of, write_folder
from ketaoutcomes.runs.uninterrupted import uninterrupted

PROGRAM = "python -m ketaoutcomes"
"""How the `command` begins in the manifest of every folder that this program writes."""

OF_THE_DESKTOP = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
"""Files that a file manager writes by itself into the folders it shows."""

MOST_NAMES = 10


@dataclass(frozen=True)
class Written:
    """What a command writes: its manifest, and how users speak of it."""

    manifest: str = MANIFEST
    """Name of the file that lists what the command wrote, with the SHA-256 of each file."""
    noun: str = "run"
    option: str = "--out"
    """The option that names the folder."""
    made_there: frozenset[str] = frozenset()
    """Files that what the command wrote makes in the folder when a user runs it."""

    @property
    def expected(self) -> str:
        """What may stand where the command writes."""
        return f"a new folder, or that of a former {self.noun}"

    @property
    def elsewhere(self) -> str:
        """What a user can do where something else stands."""
        return f"move what is there, or let the command write another folder ({self.option})"


A_RUN = Written()


def replace_folder(folder: Path, files: Mapping[str, bytes], written: Written = A_RUN) -> None:
    """Write a folder in one step, in place of one that holds nothing but our own files.

    Raises
    ------
    CommandError
        If anything else would be lost.
    OSError
        If the disk does not take the files; what stood there is then as it was.
    """
    refuse_to_lose(folder, written)
    write_folder(folder, files)


def refuse_to_lose(folder: Path, written: Written = A_RUN) -> None:
    """Refuse a folder that cannot be written, or that holds anything this program did not write.

    Parameters
    ----------
    folder : Path
        Where a command is to write.
    written : Written
        What the command writes there.

    Raises
    ------
    CommandError
        If the place is a link, a file, the working folder or one above it, or a disk of its own;
        if it cannot be written; or if a file there is not one that was written with the hash that
        the manifest tells.
    """
    try:
        problem = _of_the_place(folder, written) or _of_its_files(folder, written)
    except OSError as error:
        problem = _unwritable(folder, error)
    if problem is not None:
        raise CommandError("nothing is written", (problem,))
    refuse_unwritable(folder)


@uninterrupted()
def refuse_unwritable(folder: Path) -> None:
    """Refuse a folder that cannot be made, or in which nothing can be made.

    Raises
    ------
    CommandError
        If a file of the same kind, made and removed at once, finds no place.
    """
    place = folder.resolve()
    above = next(path for path in place.parents if os.path.lexists(path))
    try:
        if place.exists() and not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(None, "Permission denied")
        with TemporaryDirectory(prefix=f".{place.name}-", dir=above) as trial:
            (Path(trial) / place.relative_to(above)).mkdir(parents=True)
    except OSError as error:
        raise CommandError("nothing is written", (_unwritable(folder, error),)) from None


def refuse_file(path: Path, first_line: str, elsewhere: str = "another file with --out") -> None:
    """Refuse to replace a file that does not begin as the one to be written.

    Parameters
    ----------
    elsewhere : str
        How another place is given.

    Raises
    ------
    CommandError
        If it is a link, a folder or another file, or cannot be written.
    """
    place = str(path)
    ours = path.is_file() and not path.is_symlink()
    if os.path.lexists(path) and not (ours and _begins_with(path, first_line)):
        problem = Problem(
            place,
            f"a new file, or a former one that begins `{first_line}`",
            "a link" if path.is_symlink() else "a folder" if path.is_dir() else "another file",
            f"move what is there, or give {elsewhere}",
        )
        raise CommandError("nothing is written", (problem,))
    refuse_unwritable(path.parent / f"{path.name}.d")


def _begins_with(path: Path, first_line: str) -> bool:
    with path.open("rb") as file:
        return file.readline().rstrip(b"\r\n") == first_line.encode()


def _of_the_place(folder: Path, written: Written) -> Problem | None:
    """A place that no folder of results can have."""
    place = str(folder)
    if folder.is_symlink():
        return Problem(
            place,
            "a folder",
            f"a link to {os.path.realpath(folder)}",
            f"give the folder itself: {written.option} {os.path.realpath(folder)}",
        )
    if folder.exists() and not folder.is_dir():
        return Problem(place, written.expected, "a file", written.elsewhere)
    here, own = Path.cwd(), folder.resolve()
    if here.is_relative_to(own):
        return Problem(
            place,
            "a folder for the results alone, as it is replaced whole",
            "the working folder" if own == here else "a folder above the working folder",
            f"give a folder in it, for example {written.option} {folder / 'results'}",
        )
    if folder.is_mount():
        return Problem(
            place,
            "a folder that can be replaced whole",
            "the top of a disk of its own (a mount point)",
            f"give a folder in it, for example {written.option} {folder / 'results'}",
        )
    return None


def _of_its_files(folder: Path, written: Written) -> Problem | None:
    """Files that this program did not write, or that were changed since."""
    found = _files_in(folder) if folder.exists() else []
    if not found:
        return None
    manifest = written.manifest
    expected = f"{written.expected}, which is replaced"
    if manifest not in found:
        return Problem(str(folder), expected, "a folder with other files", written.elsewhere)
    hashes = _hashes_in(folder / manifest)
    if hashes is None:
        other = f"a {manifest} that no command of this program wrote"
        return Problem(str(folder), expected, other, written.elsewhere)
    found = [name for name in found if name != manifest and name not in written.made_there]
    foreign = [name for name in found if name not in hashes]
    if foreign:
        return Problem(
            str(folder),
            f"a folder that holds only what a former {written.noun} wrote, as it is replaced whole",
            f"{_listed(foreign)}, which no {written.noun} wrote",
            written.elsewhere,
        )
    changed = [name for name in found if not _is(folder / name, hashes[name])]
    if changed:
        return Problem(
            str(folder),
            f"files as the former {written.noun} wrote them, as they are replaced",
            f"changed since: {_listed(changed)}",
            f"move what you changed, or delete it; or write another folder ({written.option})",
        )
    return None


def _files_in(folder: Path) -> list[str]:
    """Everything but folders, by its path from here; no link is followed."""
    return sorted(
        (Path(inner) / name).relative_to(folder).as_posix()
        for inner, folders, files in os.walk(folder, onerror=_raise)
        for name in (*files, *(one for one in folders if (Path(inner) / one).is_symlink()))
        if name not in OF_THE_DESKTOP
    )


def _raise(error: OSError) -> None:
    raise error


def _hashes_in(manifest: Path) -> Mapping[str, str] | None:
    """The hash of each file that a manifest of ours lists; None if it is another's."""
    try:
        content: Any = json.loads(manifest.read_bytes())
        ours = content["command"].startswith(f"{PROGRAM} ")
        return {str(name): str(told) for name, told in content["files"].items()} if ours else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _is(path: Path, told: str) -> bool:
    return not path.is_symlink() and path.is_file() and hash_of(path.read_bytes()) == told


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    told = ", ".join(f"`{name}`" for name in names[:MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        str(folder),
        "a folder that can be written",
        error.strerror or str(error),
        "give another place, or correct its permissions",
    )
