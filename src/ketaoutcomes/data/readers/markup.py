"""XML that declares entities is refused before it is parsed.

An entity may stand for another a million times over, or for a file of the machine (CWE-776,
CWE-611). No program that writes workbooks or define.xml declares any.
"""

from collections.abc import Iterable
from typing import NoReturn
from xml.parsers import expat

from ketaoutcomes.data.readers.refusals import refusal


class _FirstElementError(Exception):
    """The document itself begins; what could declare entities is over."""


def refuse_entities(pieces: Iterable[bytes], name: str) -> None:
    """Refuse XML with a document type; what is no XML at all is left to its reader.

    Parameters
    ----------
    pieces : iterable of bytes
        The document, of which no more is taken than stands before its first element.
    name : str
        What problems call it.
    """
    parser = expat.ParserCreate()

    def begins(*_: object) -> NoReturn:
        raise _FirstElementError

    def declares(*_: object) -> NoReturn:
        raise refusal(
            name,
            "XML without a document type",
            "a document type, which may declare entities",
            "export the file again; do not open a file from a stranger",
        )

    parser.StartElementHandler = begins
    parser.StartDoctypeDeclHandler = declares
    try:
        for piece in pieces:
            parser.Parse(piece, False)
    except (_FirstElementError, expat.ExpatError, ValueError):
        return
