"""The layout of a SAS transport file, by which one that is cut short is known.

Records have 80 bytes. Observations follow each other without regard to them, and blanks fill the
last record (SAS, "Record layout of a SAS version 5 or 6 data set in SAS transport (XPORT) format",
TS-140; version 8 or 9, TS-140 as revised, whose header also counts the rows).
"""

import re
from dataclasses import dataclass
from typing import Final

from ketaoutcomes.data.readers.refusals import cut_short, refusal

RECORD: Final = 80
HEADER: Final = b"HEADER RECORD*******"
MEMBER: Final = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER|V8) {2}HEADER RECORD!{7}\d{26}(\d{4})")
VARIABLES: Final = re.compile(rb"HEADER RECORD\*{7}NAM(?:ESTR|STV8) HEADER RECORD!{7}(\d{10})")
ROWS: Final = re.compile(rb"HEADER RECORD\*{7}OBS(?:V8)? {3,5}HEADER RECORD!{7}(.{32})", re.DOTALL)
LENGTH: Final = slice(4, 6)
"""Where the description of a variable says its length."""


@dataclass(frozen=True)
class TransportLayout:
    """The one dataset of a transport file.

    Attributes
    ----------
    rows : int or None
        How many rows its header says, which that of version 5 does not.
    """

    rows: int | None


def transport_layout(content: bytes, name: str) -> TransportLayout | None:
    """What the headers say; None where they are not those of a transport file.

    Raises
    ------
    DataError
        If the file is cut short, or holds several datasets, of which the plan could mean any.
    """
    records = re.finditer(re.escape(HEADER), content)
    starts = [found.start() for found in records if found.start() % RECORD == 0]
    members = [m for m in (MEMBER.match(content, at) for at in starts) if m]
    if len(members) > 1:
        raise refusal(
            name,
            "one dataset in the file",
            f"{len(members)} datasets",
            "export each dataset to a file of its own",
        )
    variables = next(filter(None, (VARIABLES.match(content, at) for at in starts)), None)
    data = next(filter(None, (ROWS.match(content, at) for at in starts)), None)
    if not members or variables is None or data is None:
        return None
    size = int(members[0].group(1))
    count = int(variables.group(1))
    if count * size > len(content):
        return None
    described = content[variables.start() + RECORD :]
    lengths = (described[size * at : size * (at + 1)][LENGTH] for at in range(count))
    row = sum(int.from_bytes(length, "big") for length in lengths)
    _refuse_cut(content, content[data.start() + RECORD :], row, name)
    told = data.group(1).strip()
    v8 = content[data.start() :].startswith(HEADER + b"OBSV8")
    return TransportLayout(int(told) if v8 and told.isdigit() and int(told) else None)


def _refuse_cut(content: bytes, data: bytes, row: int, name: str) -> None:
    """Refuse a file that ends within a record, or within a row."""
    rest = data[len(data) // row * row :] if row else b""
    if len(content) % RECORD:
        raise cut_short(
            name, f"whole records of {RECORD} bytes", f"{len(content) % RECORD} bytes in the last"
        )
    if rest.strip(b" "):
        raise cut_short(
            name,
            f"whole rows of {row} bytes",
            f"{len(rest)} bytes in the last, which are not blank",
        )
