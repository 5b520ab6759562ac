"""Dates as they are written: full, to the month or quarter, with unknown parts, and as numbers.

45 CFR 164.514(b)(2)(i)(C): all elements of dates except the year. A year alone may stay, so
2021-UNK-UNK is no finding, and 2021-05-UN is one.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from ketaoutcomes.data.identifiers.classes import words

_MONTHS: Final = words(
    "jan january januar janvier enero ene gennaio januari janeiro "
    "feb february februar février fevrier febrero febbraio februari fevereiro fév "
    "mar march märz maerz mrz mars marzo maart março marco "
    "apr april avril abril aprile avr abr "
    "may mai mayo maggio mei maio "
    "jun june juni juin junio giugno junho "
    "jul july juli juillet julio luglio julho "
    "aug august août aout agosto augustus "
    "sep sept september septembre septiembre settembre setembro "
    "oct october okt oktober octobre octubre ottobre outubro "
    "nov november novembre noviembre novembro "
    "dec december dez dezember déc décembre decembre diciembre dicembre dezembro "
    "maj marts augusti desember "
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
    "grudnia ledna února března dubna května června července srpna září října listopadu prosince "
    "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna studenoga prosinca "
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря "
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta "
    "március április május június július augusztus szeptember "
    "ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie "
    "ledna unora led úno bře dub kvě čvn čvc srp zář říj lis pro "
    "янв фев мар апр мая июн июл авг сен сент окт ноя дек "
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня "
    "sty lut kwi cze lip sie wrz paź gru "
    "gen mag giu lug ago set ott dic abr mrt okt nov "
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου "
    "νοεμβρίου δεκεμβρίου "
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر "
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר "
    "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर "
    "januar februar agustus "
    "oca şub nis haz tem ağu eyl eki kas ara "
    "ocak şubat nisan may\u0131s haziran temmuz ağustos eylül ekim kas\u0131m aral\u0131k"
)
"""Names of months in English and in German, French, Spanish, Italian, Dutch and Portuguese; in the
languages of the north, in Slavic ones as a date has them, Finnish, Hungarian, Romanian, Turkish,
Greek, Arabic, Hebrew and Hindi; some of them short."""

MONTH: Final = rf"(?:{'|'.join(sorted(_MONTHS, key=lambda name: (-len(name), name)))})"
YEAR: Final = r"(?:19|20)\d\d"
DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH_NUMBER: Final = r"(?:0?[1-9]|1[0-2])"
UNKNOWN: Final = r"(?:UNK?|XX|NK|ND|\?\?|--|__|00)"
"""How the day is written that is not known."""

DATE: Final = re.compile(
    # 2021-05-03, 2021-05-UN, 3/5/21, UN/05/2021, 3-5-2021
    rf"(?<![\d-])(?:{YEAR}[-/.]{MONTH_NUMBER}[-/.](?:{DAY}|{UNKNOWN})(?!\d)"
    rf"|(?:[0-2]?\d|3[01])[/.](?:[0-2]?\d|3[01])[/.](?:{YEAR}|\d\d)(?!\d)"
    rf"|(?:[0-2]?\d|3[01])-{MONTH_NUMBER}-{YEAR}(?!\d))"
    rf"|(?<![A-Za-z\d-]){UNKNOWN}[-/. ]{MONTH_NUMBER}[-/. ]{YEAR}(?!\d)"
    # 3 May 2021, 03MAY21, 5. Mai 2021; `dec` of a hexadecimal code is no month
    rf"|(?<![A-Za-z\d-])(?:[0-2]?\d|3[01])(?:st|nd|rd|th|er)?\.?(?: de )?[ /-]?{MONTH}"
    rf"(?:\. ?| de |[ ,/-]{{0,2}})(?:{YEAR}|['\u2019]?\d\d)(?![\da-fA-F]|-[\da-f]{{4}}-)"
    # May 2021, MAY2021, UN/MAY/2021, May 3, 2021
    rf"|(?<![A-Za-z\d-])(?:{UNKNOWN}[-/. ]?)?{MONTH}(?:\. ?| de |[ /-]?)"
    rf"(?:{DAY}(?:st|nd|rd|th)?,?[ -])?{YEAR}(?![\da-z]|-[\da-f]{{4}}-)"
    # 2022. március 5., 5.III.2022, 1401/02/03 of the Persian calendar
    rf"|\b{YEAR}\. ?{MONTH} {DAY}\.?"
    rf"|\A{DAY}[. /-]+(?:I{{1,3}}|I?V|VI{{1,3}}|I?X|XI{{1,2}})[. /-]+{YEAR}"
    rf"|\A1[34]\d\d[/-](?:0[1-9]|1[0-2])[/-](?:0[1-9]|[12]\d|3[01])\Z"
    # 2021-MAY-03, 2021 May
    rf"|(?<![A-Za-z\d-]){YEAR}[ /-]?{MONTH}(?:[ /-]?(?:{DAY}|{UNKNOWN}))?(?![A-Za-z\d-])"
    # 05/2021, 2021/05, 2021-05, 2021---03, --05-03
    rf"|(?<![\d/.-]){MONTH_NUMBER}/{YEAR}(?![\d/])|\A{YEAR}[-/](?:0[1-9]|1[0-2])\Z"
    rf"|\A{YEAR}---{DAY}\Z|\A--(?:0[1-9]|1[0-2])(?:-?(?:0[1-9]|[12]\d|3[01]))?\Z"
    # 12/11/2563 of the Buddhist calendar; 5 May and May 5 of no year
    rf"|\A{DAY}[/.-]{MONTH_NUMBER}[/.-]25[3-9]\d\Z"
    rf"|\A{DAY}(?:st|nd|rd|th)?\.?(?: de )?[ -]?{MONTH}\.?\Z"
    rf"|\A{MONTH}\.?[ -]{DAY}(?:st|nd|rd|th)?\Z"
    # 2021-Q2, Q2 2021, 2021-W18, 20210503T10
    rf"|(?<![A-Za-z\d])(?:{YEAR}[ -]?Q[1-4]|(?:Q[1-4]|[1-4]Q)[ /-]?{YEAR})(?![A-Za-z\d])"
    # 2021年5月3日, 令和3年5月, 2021년 5월
    rf"|(?:{YEAR}|(?:昭和|平成|令和) ?\d{{1,2}}) ?[年년] ?{MONTH_NUMBER} ?[月월]"
    rf"|\A{YEAR}-?W[0-5]\d(?:-?[1-7])?\Z|\A{YEAR}(?:0[1-9]|1[0-2])[0-3]\dT\d\d",
    re.IGNORECASE,
)
"""A date anywhere in a text."""

_SIX_OR_EIGHT: Final = re.compile(r"(?<!\d)(?:\d{8}|\d{6})(?!\d)")
_SPACED: Final = re.compile(r"\A(\d\d)[ _](\d\d)[ _](\d\d(?:\d\d)?)\Z")
_ORDERS: Final[tuple[Callable[[str], tuple[str, str, str]], ...]] = (
    lambda day: (day[:-4], day[-4:-2], day[-2:]),
    lambda day: (day[4:], day[2:4], day[:2]),
    lambda day: (day[4:], day[:2], day[2:4]),
)
"""Year, month and day, by the order they are written in."""
MANY: Final = 15
"""So many codes are days of the calendar by chance as good as never."""
MANY_PARTS: Final = 7
"""Different years, months and days, at least, of these."""

LEAST_MONTHS: Final = 3
"""So many different numbers like 202105 are months; fewer may be anything."""


def is_date(text: str) -> bool:
    """Whether a text that is no number holds a date."""
    return DATE.search(text) is not None


def are_dates(texts: Iterable[str]) -> bool:
    """Whether all values of a column are dates in digits alone: 20210503, 03052021, 202105.

    One number alone tells nothing; that all of a column are days of the calendar does.
    """
    distinct = set(texts)
    if all(map(_DAY_AND_MONTH.fullmatch, distinct)):
        return len({text.split(".")[1] for text in distinct}) >= LEAST_MONTHS
    if all(_digits(text, (6,)) for text in distinct) and hold_days(distinct, 1):
        return True
    if all(map(_is_month, distinct)):
        return len(distinct) >= LEAST_MONTHS
    return bool(distinct) and any(all(map(way, distinct)) for way in _WAYS)


def hold_days(texts: Iterable[str], years: int = MANY_PARTS) -> bool:
    """Whether codes hold a day in digits, as personal numbers do: 160960-1234, THVO16091960.

    All of a column must be days of the calendar, of many years, months and days: the numbers of a
    site and of a participant side by side take few values each. With blanks, 16 09 60, it may also
    be one year.

    Parameters
    ----------
    texts : iterable of str
    years : int
        How many different years there are at least.
    """
    distinct = set(texts)
    spaced = all(map(_SPACED.fullmatch, distinct))
    written = {_SPACED.sub(r"\1\2\3", text) for text in distinct}
    groups = [_SIX_OR_EIGHT.findall(text) for text in written]
    if len(groups) < MANY or any(len(group) != 1 for group in groups):
        return False
    days = [day for (day,) in groups]
    years = 1 if spaced else years
    return any(_are_days([way(day) for day in days], years) for way in _ORDERS)


def _are_days(parts: list[tuple[str, str, str]], years: int) -> bool:
    """Whether years of two or four digits, months and days are of the calendar, and many."""
    least = (years, MANY_PARTS, MANY_PARTS)
    many = all(len({*one}) >= n for one, n in zip(zip(*parts, strict=True), least, strict=True))
    centuries = ("19", "20")
    return many and all(
        any(_is_day(f"{century}{year}"[-4:], month, day) for century in centuries)
        for year, month, day in parts
    )


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return re.fullmatch(YEAR, year) is not None


def _digits(text: str, lengths: tuple[int, ...]) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths


def _year_first(text: str) -> bool:
    """20210503, with the time of the day or without."""
    return _digits(text, (8, 12, 14)) and _is_day(text[:4], text[4:6], text[6:8])


def _day_first(text: str) -> bool:
    return _digits(text, (8,)) and _is_day(text[4:], text[2:4], text[:2])


def _month_first(text: str) -> bool:
    return _digits(text, (8,)) and _is_day(text[4:], text[:2], text[2:4])


def _month_and_year(text: str) -> bool:
    """05-2021, which is the code of a subject elsewhere."""
    return re.fullmatch(rf"(?:0[1-9]|1[0-2])-{YEAR}", text) is not None


def _is_month(text: str) -> bool:
    return _digits(text, (6,)) and _is_day(text[:4], text[4:], "1")


_DAY_AND_MONTH: Final = re.compile(rf"{DAY}\. ?{MONTH_NUMBER}\.")
"""3.5. or 03.05. of no year."""

_WAYS: Final[tuple[Callable[[str], bool], ...]] = (
    _year_first,
    _day_first,
    _month_first,
    _month_and_year,
)

_STRANGER: Final = r"[A-Z]{3}DF(?:DD|DE|DN|DT|DWN|MN|MY|WDX|WKX)"
SAS_DATES: Final = re.compile(
    r"X?(?:YYMMDD|MMDDYY|DDMMYY|YYMM|MMYY|YYQR?|YYQZ)[BCDNPSZ]?|"
    r"DATE|DATETIME|DATEAMPM|MDYAMPM|DTDATE|DTMONYY|DTWKDATX|DTYEAR|DTYYQC|"
    r"MONYY|YYMON|YEAR|MONTH|MONNAME|DAY|DOWNAME|WEEKDAY|QTRR?|(?:YY)?WEEK[UVW]|"
    r"WEEKDAT[EX]|WORDDAT[EX]|JULIAN|JULDATE|JULDAY|PDJUL[GI]|NENGO|MINGUO|HDATE|HEBDATE|"
    rf"[BE]8601[DL][ANTXZ]|IS8601D[ANTZ]|NLDAT.*|{_STRANGER}"
)
"""Formats of SAS that show a day or second number as a date or as a part of one (SAS 9.4 Formats
and Informats, dates and times; with the international ones such as EURDFDD)."""
SPSS_DATES: Final = re.compile(r"[AEJS]?DATE|DATETIME|YMDHMS|QYR|MOYR|WKYR")
"""Formats of SPSS whose values are seconds since 1582; WKDAY and MONTH are numbers of their own."""


def is_date_format(name: str, *, spss: bool) -> bool:
    """Whether a column's format, such as MONYY7., is of dates."""
    bare = re.sub(r"\d*(?:\.\d*)?$", "", name.strip().upper())
    return (SPSS_DATES if spss else SAS_DATES).fullmatch(bare) is not None
