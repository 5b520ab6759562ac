"""Compressed files and archives, unpacked by pieces and stopped where they grow too large."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Final

from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_expansion
from ketaoutcomes.data.readers.refusals import malformed, refusal

CHUNK: Final = 1024**2
MOST_MEMBERS: Final = 10_000
FAULTS: Final = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
Opener = Callable[[IO[bytes]], IO[bytes]]


def uncompressed(file: Held) -> Held:
    """The bytes of a file in whatever compression R and pandas write, or of one in none."""
    for mark, kind, opener in (
        (b"\x1f\x8b", "gzip", gzip.open),
        (b"BZh", "bzip2", bz2.open),
        (b"\xfd7zXZ\x00", "xz", lzma.open),
    ):
        if file.content.startswith(mark):
            return _unpacked(file, kind, opener)  # type: ignore[arg-type]
    return file


def _unpacked(file: Held, kind: str, opener: Opener) -> Held:
    content = bytearray()
    try:
        with opener(file.opened()) as stream:
            while chunk := stream.read(CHUNK):
                content += chunk
                refuse_expansion(file.name, file.size, len(content))
    except FAULTS as error:
        raise malformed(file.name, kind, error) from None
    return Held(file.name, bytes(content))


def archive(file: Held, kind: str) -> zipfile.ZipFile:
    """A zip archive, once its directory has said that it does not unpack to too much.

    No member can unpack to more than the directory says, as Python reads no further.

    Raises
    ------
    DataError
        If it is none, unpacks to too much, or has a password.
    """
    try:
        packed = zipfile.ZipFile(file.opened())
        members = packed.infolist()
    except (*FAULTS, NotImplementedError) as error:
        raise malformed(file.name, kind, error) from None
    refuse_expansion(file.name, file.size, sum(member.file_size for member in members))
    if len(members) > MOST_MEMBERS:
        raise refusal(
            file.name,
            f"an archive of at most {MOST_MEMBERS:,} files",
            f"{len(members):,} files",
            "pack the one file that the plan needs",
        )
    if any(member.flag_bits & 1 for member in members):
        raise refusal(
            file.name, "a file without a password", "one with a password", "save it without"
        )
    return packed


def members_of(packed: zipfile.ZipFile) -> tuple[str, ...]:
    """The names of the files in an archive that a user put there."""
    names = (member.filename for member in packed.infolist() if not member.is_dir())
    return tuple(
        name
        for name in names
        if not name.startswith("__MACOSX/") and not name.rsplit("/", 1)[-1].startswith(".")
    )


def member(packed: zipfile.ZipFile, name: str, file: Held) -> Held:
    """One file of an archive."""
    try:
        return Held(f"{file.name} ({name})", packed.read(name))
    except (*FAULTS, NotImplementedError, RuntimeError, KeyError) as error:
        raise malformed(file.name, "zip", error) from None
