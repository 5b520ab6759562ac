"""The labels of variables in a define.xml that lies next to the datasets.

CDISC, Define-XML 2.0 and 2.1: an `ItemGroupDef` is a dataset and refers to its variables, each an
`ItemDef` with a name and a description. Labels explain columns and change no number.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from ketaoutcomes.data.readers.limits import MOST_BYTES
from ketaoutcomes.data.readers.markup import refuse_entities
from ketaoutcomes.data.readers.refusals import malformed

NAMES: Final = ("define.xml", "define2-0-0.xml", "define2-1-0.xml")
XML: Final = "{http://www.w3.org/XML/1998/namespace}"


def labels_next_to(path: Path) -> dict[str, str]:
    """Variable -> label, of the dataset in a file, as the define.xml in its folder has it.

    The dataset is called as the file without its ending.

    Returns
    -------
    dict of str to str
        By names in capitals; empty if there is no define.xml, or none that speaks of the dataset.

    Raises
    ------
    DataError
        If the define.xml is no XML, or declares entities.
    """
    define = next((path.with_name(n) for n in NAMES if path.with_name(n).is_file()), None)
    if define is None or define.is_symlink() or define.stat().st_size > MOST_BYTES:
        return {}
    content = define.read_bytes()
    refuse_entities([content], define.name)
    try:
        root = ET.fromstring(content)  # noqa: S314 - it declares no entity
    except ET.ParseError as error:
        raise malformed(define.name, "define.xml", error) from None
    stem = path.name.partition(".")[0].upper()
    return dict(_labels(root, stem))


def _labels(root: ET.Element, dataset: str) -> Iterator[tuple[str, str]]:
    """The labels of the variables of one dataset; of every one, where it is not named."""
    items = {item.get("OID"): item for item in _all(root, "ItemDef")}
    groups = [g for g in _all(root, "ItemGroupDef") if (g.get("Name") or "").upper() == dataset]
    for group in groups:
        for reference in _all(group, "ItemRef"):
            item = items.get(reference.get("ItemOID"))
            label = _label(item) if item is not None else ""
            if item is not None and label:
                yield (item.get("Name") or "").upper(), label


def _label(item: ET.Element) -> str:
    """The description in English, or in the first language."""
    texts = [text for part in _all(item, "Description") for text in _all(part, "TranslatedText")]
    english = [text for text in texts if (text.get(f"{XML}lang") or "en").startswith("en")]
    words = [text.text or "" for text in (*english, *texts)]
    return " ".join(words[0].split()) if words else ""


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Everything of a name within, whatever the version of ODM."""
    return (part for part in element.iter() if part.tag.rpartition("}")[2] == name)
