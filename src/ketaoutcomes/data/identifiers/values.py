"""Values that look like an identifier, whatever their column is called."""

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from ketaoutcomes.data.identifiers.classes import words
from ketaoutcomes.data.identifiers.dates import is_date
from ketaoutcomes.data.identifiers.numbers import luhn

GIVEN_NAMES: Final = words(
    "Aaron Abigail Adam Adrian Alan Albert Alejandro Alexander Alexandra Alice Alicia Amanda "
    "Amber Amy Andrea Andrew Angela Ann Anna Anne Anthony Antonio Ashley Barbara Benjamin Betty "
    "Beverly Brandon Brenda Brian Bruce Carlos Carol Caroline Catherine Charles Cheryl Christina "
    "Christine Christopher Cynthia Daniel David Deborah Debra Dennis Diana Diane Donald Donna "
    "Dorothy Douglas Edward Elizabeth Emily Emma Eric Ethan Eugene Evelyn Fatima Fernando Frances "
    "Francisco Gabriel Gary George Gerald Gloria Gregory Hannah Harold Heather Helen Henry "
    "Isabella Jacob Jacqueline James Janet Janice Jason Jean Jeffrey Jennifer Jeremy Jerry "
    "Jessica Joan Joe John Jonathan Jose Joseph Joshua Joyce Juan Judith Judy Julia Julie Justin "
    "Karen Katherine Kathleen Kathryn Keith Kelly Kenneth Kevin Kimberly Kyle Larry Laura Lauren "
    "Lawrence Linda Lisa Louis Luis Margaret Maria Marie Marilyn Martha Martin Mary Matthew Megan "
    "Melissa Michael Michelle Miguel Mohamed Mohammed Muhammad Nancy Natalie Nathan Nicholas "
    "Nicole Noah Olivia Pamela Patricia Patrick Paul Pedro Peter Philip Rachel Ralph Raymond "
    "Rebecca Richard Robert Roger Ronald Ruth Ryan Samantha Samuel Sandra Sara Sarah Scott Sharon "
    "Shirley Sophia Stephanie Stephen Steven Susan Teresa Theresa Thomas Timothy Tyler Victor "
    "Vincent Walter Wayne William Zachary"
)
"""Common given names (US Social Security Administration) that are no other English word."""

PHONE: Final = re.compile(
    r"(?<![\w.-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])"
    r"|(?<![\w.])\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}(?!\w)"
    r"|(?<![\w.-])0\d{2,4} \d{3,4} \d{3,4}(?!\w)"
    # 06 12 34 56 78, 0171/1234567, (030) 1234567, 0171 1234567
    r"|(?<![\w.-])0[1-9](?:[ .]\d{2}){4}(?!\w)|(?<![\w.-])0\d{2,4} ?/ ?\d{5,8}(?!\w)"
    r"|\(0\d{1,4}\) ?\d{4,8}(?!\w)|(?<![\w.-])0\d{2,4} \d{6,8}(?!\w)"
)
FAX: Final = re.compile(r"\bfax\b\D{0,5}\+?\(?\d{3}", re.IGNORECASE)
EMAIL: Final = re.compile(
    r"[^\s@,;:<>()]+(?:@| ?[\[(]at[\])] ?)[\w-]+(?:(?:\.| ?[\[(]dot[\])] ?)[\w-]+)+", re.IGNORECASE
)
SSN: Final = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
RECORD: Final = re.compile(
    r"\b(?:MRN|(?:medical record|hospital|NHS)(?: number| no)?)\b\W{0,3}\w*\d{4,}",
    re.IGNORECASE,
)
PLAN: Final = re.compile(
    r"\b(?:policy|member|medicare|medicaid|insurance)\b(?: (?:id|number|no))?\W{0,3}\w*\d{4,}"
    r"|\A[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\Z",
    re.IGNORECASE,
)
ACCOUNT: Final = re.compile(
    r"\b(?:account|acct)\b(?: (?:id|number|no))?\W{0,3}\w*\d{4,}", re.IGNORECASE
)
IBAN: Final = re.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?(?!\w)"
    r"|(?<!\w)[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?!\w)"
)
LICENCE: Final = re.compile(
    r"\b(?:licen[cs]e|passport|certificate)\b(?: (?:id|number|no))?\W{0,3}\w*\d{4,}", re.IGNORECASE
)
DEVICE: Final = re.compile(
    r"\A(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}\Z|\A[0-9A-F]{4}(?:\.[0-9A-F]{4}){2}\Z|\(01\)\d{14}"
    r"|\b(?:serial|IMEI|device)\b(?: (?:id|number|no))?\W{0,3}\w*\d{4,}",
    re.IGNORECASE,
)
PLATE: Final = re.compile(r"\b(?:number|licen[cs]e) plate\b\W{0,3}\w*\d", re.IGNORECASE)
URL: Final = re.compile(
    # also the name of an account, as in @quuxman
    r"\b(?:https?|ftp)://\S|\bwww\.\w|\b\w+\.(?:com|org|net)/\w|\A@[a-z_][\w.]{2,}\Z",
    re.IGNORECASE,
)
IMAGE: Final = re.compile(
    r"\.(?:jpe?g|png|gif|tiff?|heic|bmp|dcm|nii)\Z|\Adata:image/", re.IGNORECASE
)
RECORDING: Final = re.compile(
    r"\.(?:wav|mp3|m4a|ogg|flac|wma|mp4|mov|avi|mkv|wmv)\Z", re.IGNORECASE
)
"""A recording of a voice, or of a face."""
STREET: Final = re.compile(
    r"\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'.-]* ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|"
    r"Boulevard|Blvd|Court|Ct|Square|Terrace|Way|Place|Close)\b"
    # of the continent: Lindenstraße 12, 12 rue de Quux, Calle Quux, 12, ul. Quuxa 3/4
    r"|\b[^\W\d_][\w-]+(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|damm|ufer|straat|laan|kade|"
    r"plein|gracht|gatan|vägen|vej|gade|gata|veien|katu|utca) ?\d{1,4} ?[a-z]?\b"
    r"|\A(?=.*\d)(?:\d{1,4},? ?(?:bis|ter)? )?"
    r"(?:rue|avenue|chemin|impasse|quai|via|viale|piazza|corso|calle|"
    r"avenida|avda\.?|plaza|paseo|rua|travessa|ul\.|ulica|al\.|str\.|strada|ул\.|улица|проспект|οδός)"
    r" (?:[^\W\d_][\w'\u2019.-]*[ ,]*){1,4}(?:n[.º°]* ?)?\d{0,4} ?[a-z]?(?:[/ -]\d{1,4})?\Z"
    r"|\b(?:P\.? ?O\.? ?Box|Postfach|Postbus|Apartado|Casella postale|Boîte postale) ?\d{2,}"
    r"|[路街道巷]\d+号|\d丁目|\d番地",
    re.IGNORECASE,
)
PLACE: Final = re.compile(
    r"\b[A-Z][a-z]+,? [A-Z]{2} \d{5}(?:-\d{4})?\b|\A\d{5}-\d{4}\Z"
    r"|\A[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\Z|\A[A-CEGHJ-NPR-TVXY]\d[A-Z] \d[A-Z]\d\Z"
    r"|\A-?\d{1,2}\.\d{3,}\s*[,;]\s*-?\d{1,3}\.\d{3,}\Z|\APOINT ?\(-?\d"
    r"|\A///\w+\.\w+\.\w+\Z"
    r"|\b\d{1,3}\u00b0 ?\d{1,2} ?['\u2032]|\A[2-9CFGHJMPQRVWX]{8}\+[2-9CFGHJMPQRVWX]{2,3}\Z"
)
TITLED: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Mme|Mlle|Madame|Monsieur|Se\u00f1ora?|Signora?|"
    r"Mevrouw|Meneer|Fru|Pani?|Sister|Schwester|Pfleger|mr|mrs|dr|prof|herrn?|frau|mme|madame|"
    r"monsieur|se\u00f1ora?|signora?|mevrouw|meneer|fru|schwester|pfleger)\.? [A-Z][a-z]+"
    r"|\b(?:wife|husband|spouse|partner|son|daughter|mother|father|sister|brother|"
    r"neighbou?r) [A-Z][a-z]+"
    # in Cyrillic a surname with name and father's name, or with their initials
    r"|\b[\u0410-\u042f][\u0430-\u044f\u0451]+ [\u0410-\u042f]\. ?[\u0410-\u042f]\."
    r"|[\u0410-\u042f][\u0430-\u044f\u0451]+(?:\u0432\u0438\u0447|\u0432\u043d\u0430)\b"
)
"""A person with a title, by a relation, or with a father's name."""
ORGANISATION: Final = re.compile(
    r"\b(?:Hospitals?|Clinics?|Klinik(?:um)?|Cent(?:er|re)|University|Institute|College|School|"
    r"Foundation|Trust|Scale|Inventory|Questionnaire|Index|Test)\Z"
)
"""What is called after a person."""
PERSON: Final = re.compile(r"\b([A-Z][a-z]+)(?: [A-Z]\.?)? (?:Mc|O'|Mac|de |van |von )?[A-Z][a-z]+")
LISTED_PERSON: Final = re.compile(r"\A[A-Z][\w'-]+, ([A-Z][a-z]+)\b")
SHOUTED_PERSON: Final = re.compile(r"\A([A-Z]{2,})(?: [A-Z]\.?)? [A-Z][A-Z'-]+\Z")
IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
VIN_LENGTH: Final = 17
VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)


def _is_name(text: str) -> bool:
    if TITLED.search(text):
        return True
    if ORGANISATION.search(text):
        return False
    found = [*PERSON.findall(text), *LISTED_PERSON.findall(text), *SHOUTED_PERSON.findall(text)]
    return any(name.capitalize() in GIVEN_NAMES for name in found)


def _is_place(text: str) -> bool:
    return bool(STREET.search(text) or PLACE.search(text))


def _is_ip(text: str) -> bool:
    candidates = IPV4.findall(text)
    if text.count(":") > 1 and " " not in text:
        candidates.append(text)
    return any(_parses(candidate) for candidate in candidates)


def _parses(candidate: str) -> bool:
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        return False
    return True


def _is_vehicle(text: str) -> bool:
    """A vehicle identification number with its check digit (49 CFR 565.15), or a plate."""
    if PLATE.search(text):
        return True
    if len(text) != VIN_LENGTH or not text.isalnum() or not text.isupper():
        return False
    values = [int(c) if c.isdigit() else VIN_VALUES.get(c) for c in text]
    if None in values:
        return False
    remainder = sum(w * (v or 0) for w, v in zip(VIN_WEIGHTS, values, strict=True)) % 11
    return text[8] == "0123456789X"[remainder]


def _is_account(text: str) -> bool:
    """An account told as such, an IBAN (ISO 13616), or a payment card (ISO/IEC 7812)."""
    packed = re.sub(r"[ -]", "", text)
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", packed):
        return _is_iban(packed)
    if re.fullmatch(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}", text):
        return luhn(packed)
    within = any(map(_is_iban, IBAN.findall(text)))
    return within or ACCOUNT.search(text) is not None


def _is_iban(text: str) -> bool:
    """Whether a number passes the check of ISO 13616."""
    packed = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in packed[4:] + packed[:4])) % 97 == 1


def _searching(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


DETECTORS: Final[dict[str, Callable[[str], bool]]] = {
    "names": _is_name,
    "geography below the state": _is_place,
    "dates finer than a year": is_date,
    "telephone numbers": _searching(PHONE),
    "fax numbers": _searching(FAX),
    "e-mail addresses": _searching(EMAIL),
    "social security numbers": _searching(SSN),
    "medical record numbers": _searching(RECORD),
    "health plan numbers": _searching(PLAN),
    "account numbers": _is_account,
    "certificate or licence numbers": _searching(LICENCE),
    "vehicle identifiers": _is_vehicle,
    "device identifiers": _searching(DEVICE),
    "web addresses": _searching(URL),
    "internet protocol addresses": _is_ip,
    "photographs": _searching(IMAGE),
    "biometric identifiers": _searching(RECORDING),
}
"""Class -> whether a text holds one. Of biometric identifiers only the file of a recording is one
by itself; the others are known by their column."""
