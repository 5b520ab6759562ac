"""Numbers of persons that carry a check digit: known by a whole column that passes the check.

One number passes a check by chance once in ten or eleven; that all of a column do says what they
are, whatever the column is called.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

FEW: Final = 10
"""So many different numbers may pass by chance."""
MOSTLY: Final = 0.9

_CHINESE_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PESEL_WEIGHTS: Final = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
_BSN_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH_LETTERS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_DAY_FIRST: Final = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d"
_YEAR_FIRST: Final = r"(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"


def _weighted(digits: str, weights: Iterable[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


def luhn(digits: str) -> bool:
    """Whether digits pass the check of ISO/IEC 7812."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(sum(divmod(d, 10)) for d in doubled) % 10 == 0


def _is_nhs(text: str) -> bool:
    """NHS number of England and Wales: ten digits, the last by weights of 10 to 2 modulo 11."""
    found = re.fullmatch(r"(\d{3})[ -]?(\d{3})[ -]?(\d{4})", text)
    if found is None:
        return False
    digits = "".join(found.groups())
    return (11 - _weighted(digits[:9], range(10, 1, -1)) % 11) % 11 == int(digits[9])


def _is_chinese(text: str) -> bool:
    """Resident identity number of 18 places (GB 11643-1999)."""
    if re.fullmatch(r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]", text) is None:
        return False
    return "10X98765432"[_weighted(text[:17], _CHINESE_WEIGHTS) % 11] == text[17].upper()


def _is_pesel(text: str) -> bool:
    """Polish PESEL: eleven digits that begin with a birth."""
    return re.fullmatch(r"\d{11}", text) is not None and not _weighted(text, _PESEL_WEIGHTS) % 10


def _is_bsn(text: str) -> bool:
    """Dutch burgerservicenummer: nine digits that pass the check of eleven."""
    return re.fullmatch(r"\d{9}", text) is not None and not _weighted(text, _BSN_WEIGHTS) % 11


def _is_dni(text: str) -> bool:
    """Spanish DNI or NIE: digits and the letter that follows from them."""
    found = re.fullmatch(r"([XYZ]?)(\d{7,8})-?([A-Z])", text)
    if found is None:
        return False
    number = int(f"{'XYZ'.find(found[1]) if found[1] else ''}{found[2]}")
    return _DNI_LETTERS[number % 23] == found[3]


def _is_nir(text: str) -> bool:
    """French number of registration: 13 digits, and 97 less their rest."""
    digits = text.replace(" ", "")
    return re.fullmatch(r"[12]\d{14}", digits) is not None and (
        97 - int(digits[:13]) % 97 == int(digits[13:])
    )


def _is_finnish(text: str) -> bool:
    """Finnish henkilötunnus: day of birth, sign of the century, number and check."""
    found = re.fullmatch(rf"({_DAY_FIRST})[-+A-FU-Y](\d{{3}})([0-9A-Y])", text)
    return found is not None and _FINNISH_LETTERS[int(found[1] + found[2]) % 31] == found[3]


def _is_swedish(text: str) -> bool:
    """Swedish personnummer: day of birth and four digits, the last by Luhn."""
    found = re.fullmatch(rf"({_YEAR_FIRST})[-+]?(\d{{4}})", text)
    return found is not None and luhn(found[1][-6:] + found[2])


def _is_cpf(text: str) -> bool:
    """Brazilian CPF: nine digits and two that are checks modulo 11."""
    digits = re.sub(r"[.-]", "", text)
    if re.fullmatch(r"\d{11}", digits) is None:
        return False
    checks = (_weighted(digits[:n], range(n + 1, 1, -1)) * 10 % 11 % 10 for n in (9, 10))
    return "".join(map(str, checks)) == digits[9:]


def _is_turkish(text: str) -> bool:
    """Turkish identity number: eleven digits, the last two of which are checks."""
    if re.fullmatch(r"[1-9]\d{10}", text) is None:
        return False
    digits = [int(one) for one in text]
    first = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return digits[9] == first and digits[10] == sum(digits[:10]) % 10


def _is_romanian(text: str) -> bool:
    """Romanian CNP: sex and century, day of birth, county, number and check."""
    if re.fullmatch(r"[1-9]\d{12}", text) is None:
        return False
    rest = _weighted(text[:12], map(int, "279146358279")) % 11
    return int(text[12]) == min(rest, 10) % 10 + (rest > 9)  # noqa: PLR2004 - ten is written as one


def _is_canadian(text: str) -> bool:
    """Canadian social insurance number: nine digits in threes, the last by Luhn."""
    return re.fullmatch(r"\d{3}([ -])\d{3}\1\d{3}", text) is not None and luhn(
        re.sub(r"\D", "", text)
    )


def _is_swiss(text: str) -> bool:
    """Swiss AHV number: 756 and ten digits, the last by EAN-13."""
    digits = text.replace(".", "")
    weights = (1, 3) * 6 + (1,)
    return re.fullmatch(r"756\d{10}", digits) is not None and not _weighted(digits, weights) % 10


def _is_chilean(text: str) -> bool:
    """Chilean RUT: seven or eight digits and a check modulo 11."""
    found = re.fullmatch(r"(\d{1,2})\.?(\d{3})\.?(\d{3})-([\dkK])", text)
    if found is None:
        return False
    digits = "".join(found.groups()[:3])[::-1]
    check = -sum(int(d) * (2 + k % 6) for k, d in enumerate(digits)) % 11
    return "0123456789K"[check] == found[4].upper()


def _is_imei(text: str) -> bool:
    return re.fullmatch(r"\d{15}", text) is not None and luhn(text)


def _matching(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


CHECKED: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("medical record numbers", _is_nhs),
    ("social security numbers", _is_chinese),
    ("social security numbers", _is_pesel),
    ("social security numbers", _is_bsn),
    ("social security numbers", _is_dni),
    ("social security numbers", _is_nir),
    ("social security numbers", _is_finnish),
    ("social security numbers", _is_swedish),
    ("social security numbers", _is_cpf),
    ("social security numbers", _is_turkish),
    ("social security numbers", _is_romanian),
    ("social security numbers", _is_canadian),
    ("social security numbers", _is_swiss),
    ("social security numbers", _is_chilean),
    # Danish and Norwegian numbers begin with the day of birth and have no check any more
    ("social security numbers", _matching(rf"{_DAY_FIRST}[- ]\d{{4,5}}")),
    # British national insurance, Italian codice fiscale
    (
        "social security numbers",
        _matching(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"),
    ),
    (
        "social security numbers",
        _matching(r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    ),
    ("device identifiers", _is_imei),
    # postcodes of Ireland, the Netherlands and Brazil; those of others look like codes of studies
    (
        "geography below the state",
        _matching(r"[1-9]\d{3} (?!MG|ML|KG|MM|CM|IU|UG|HZ)[A-Z]{2}|\d{5}-\d{3}"),
    ),
    # a postcode with its town: 10115 Berlin, D-10115 Berlin
    ("geography below the state", _matching(r"(?:[A-Z]{1,2}-)?\d{4,5} [A-ZÄÖÜÉ][a-zäöüßéè]{2,}.*")),
    ("geography below the state", _matching(r"[AC-FHKNPRTV-Y]\d[\dW] [\dAC-FHKNPRTV-Y]{4}")),
    ("telephone numbers", _matching(r"(?:\+|00)[1-9]\d{8,13}")),
    ("telephone numbers", _matching(r"\(\d{2}\) ?9?\d{4}-\d{4}|0[5-9]0-\d{4}-\d{4}")),
    # number plates of Germany, Great Britain, France and Italy, Spain
    ("vehicle identifiers", _matching(r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?")),
    ("vehicle identifiers", _matching(r"[A-Z]{2}\d{2} [A-Z]{3}")),
    ("vehicle identifiers", _matching(r"[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}")),
    ("vehicle identifiers", _matching(r"\d{4} [BCDFGHJKLMNPRSTVWXYZ]{3}")),
)
"""Class, and whether a text is one of its numbers."""


def kinds_of_numbers(texts: Iterable[str]) -> frozenset[str]:
    """The classes of whose numbers nearly all different texts of a column are.

    Parameters
    ----------
    texts : iterable of str
        The different values of a column.
    """
    found = [text.strip() for text in texts]
    if len(found) <= FEW:
        return frozenset()
    return frozenset(kind for kind, is_one in CHECKED if _mostly(is_one, found))


def _mostly(is_one: Callable[[str], bool], texts: list[str]) -> bool:
    """Whether nearly all are; not asked any further where too many are not."""
    at_most = len(texts)
    for text in texts:
        at_most -= not is_one(text)
        if at_most < MOSTLY * len(texts):
            return False
    return True
