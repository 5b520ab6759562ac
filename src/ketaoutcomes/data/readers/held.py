"""A file's bytes, read once: what is parsed and what is hashed are the same."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path


@dataclass(frozen=True)
class Held:
    """All bytes of a file at one moment, whatever becomes of the file.

    Attributes
    ----------
    name : str
        As the plan names it.
    """

    name: str
    content: bytes

    @classmethod
    def of(cls, path: Path, name: str) -> "Held":
        """The file as it is now."""
        return cls(name, path.read_bytes())

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.content)

    def opened(self) -> BytesIO:
        """The bytes as a file at its beginning."""
        return BytesIO(self.content)
