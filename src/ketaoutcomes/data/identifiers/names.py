"""Column names that say what a column holds, and what its values must then look like."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, normalize

from ketaoutcomes.data.identifiers.classes import words

LETTERS: Final = re.compile(r".*[^\W\d_]{2,}.*", re.DOTALL)
INITIALS: Final = re.compile(r"(?:[A-Za-z-]\.?\s?){2,4}")
CODE: Final = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{4,}")
SEVEN_DIGITS: Final = re.compile(r"(?:\D*\d){7,}\D*")
FINE_ZIP: Final = re.compile(
    # also 00-950 in Poland, 1000-001 in Portugal, 100-0001 in Japan
    r"\d{4}|\d{5}(?:-?\d{4})?|\d{6}|\d{3} \d{2}|\d{2,4}-\d{3,4}|"
    r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9 ]{5,8}|"
    # three-digit areas of 20,000 people or fewer, census of 2000 (guidance of HHS, 2012)
    r"036|059|063|102|203|556|692|790|821|823|830|831|878|879|884|890|893"
)
ANYTHING: Final = re.compile(r".*\S.*", re.DOTALL)
DECIMAL: Final = re.compile(r"-?\d{1,3}\.\d{2,}")
GRID: Final = re.compile(r"-?\d{5,8}(?:\.\d+)?")
"""Metres of a map."""
WORDS: Final = re.compile(r"\S+\s+\S+\s+\S+.*", re.DOTALL)
CALENDAR: Final = re.compile(r"(?:19|20)\d{2}[01]\d[0-3]\d|[1-9]\d{4,}(?:\.\d+)?")
"""Digits of a date without its format: 20140102, or days or seconds since some year. Study days
have four digits at most."""
BIRTH: Final = re.compile(r"-\d{3,}(?:\.\d+)?|(?!(?:19|20)\d\d\Z)\d{3,}(?:\.\d+)?")
"""The same of a birth, before 1960, the origin of SAS, or soon after; a year may stay."""
BORN_LONG_AGO: Final = re.compile(r"(?:18\d\d|19[0-2]\d|193[0-5])(?:\.0*)?")
"""A year of birth that tells of an age over 89, in 2026."""
DATE_WORD: Final = "date"
"""What a name is read as that ends or begins like those of dates: RFSTDT, VISDAT, visitdate."""
DATED: Final = re.compile(
    r"[a-z]{1,6}(?:dtc|dtm|dt)|date[a-z]*|(?!(?:candi|vali|man|se|up)date\Z)[a-z]*date|datum|fecha"
)
COLLECTED: Final = re.compile(r"[A-Z]{2,6}DAT")
"""CDASH names of dates, in capitals; lower-case words end so, too."""

NAME_RULES: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = (
    (
        "names",
        LETTERS,
        "name firstname lastname surname forename givenname familyname fullname maidenname "
        "middlename nickname patientname subjectname participantname personname contactname "
        "nextofkin guardian employer emergencycontact patname ptname subjname "
        "nachname vorname familienname geburtsname rufname patientenname "
        "nom prenom nomdefamille nomfamille nombre nombres apellido apellidos "
        "cognome sobrenome apelido achternaam voornaam familienaam efternamn fornamn "
        "etternavn efternavn mellomnavn mellemnavn fuldenavn fulltnavn pasientnavn patientnavn "
        "patientnamn nomecompleto nomepaciente nombrecompleto nombrepaciente nomcomplet nompatient "
        "imienazwisko nazwiskoimie nazwiskorodowe fornavn imie nazwisko jmeno prijmeni etunimi "
        "sukunimi soyad soyadi "
        "vezeteknev keresztnev firstnm lastnm givennm familynm surnm midnm nume prenume nafn "
        "prezime uzvards vards pavarde vardas perekonnanimi eesnimi priezvisko mbiemri naam "
        "прізвище ім\u02bcя імя побатькові фамилно презиме ชื่อ นามสกุล नाम "
        "login loginname username userlogin handle twitter instagram facebook "
        "фио фамилия имя отчество имяпациента фиопациента ονομα επωνυμο ονοματεπωνυμο "
        "患者名 フリガナ "
        "姓名 名字 患者姓名 受试者姓名 氏名 名前 患者氏名 이름 성명 환자명 "
        "שם שםפרטי שםמשפחה الاسم اسم اسمالمريض",
    ),
    (
        "names",
        INITIALS,
        "initials inits initial ini init subjinit patinit ptinit patientinitials "
        "initialen initiales iniciales iniziali kuerzel",
    ),
    (
        "geography below the state",
        LETTERS,
        "address streetaddress homeaddress street addressline city town village county parish "
        "district precinct municipality neighbourhood neighborhood suburb hometown birthplace "
        "strasse anschrift adresse wohnort geburtsort ville rue commune direccion calle ciudad "
        "placeofbirth mjesto naselje mesto localitate judet sehir ilce "
        "domicilio domicile wohnsitz kreis stadtteil bairro localidad localidade municipio "
        "concelho powiat bostad bopael kotikunta "
        "indirizzo citta endereco cidade adres woonplaats gmina miasto ulica "
        "адрес город улица местожительства διευθυνση πολη 地址 住址 家庭住址 住所 주소 כתובת "
        "עיר العنوان المدينة",
    ),
    (
        "geography below the state",
        FINE_ZIP,
        "zip zipcode zip5 zip3 postcode postalcode postal plz postleitzahl codepostal codigopostal "
        "censustract postnummer postnr postinumero kodpocztowy cep pcode pincode psc cap "
        "eircode iranyitoszam irsz npa codpostal 郵便番号 邮编 邮政编码 우편번호 індекс индекс",
    ),
    (
        "geography below the state",
        GRID,
        "easting northing eastings northings utm utmx utmy utmeasting utmnorthing "
        "xcoord ycoord coordx coordy xcoordinate ycoordinate",
    ),
    (
        "geography below the state",
        DECIMAL,
        "latitude longitude lat lon lng long gps geocode coordinates",
    ),
    ("dates finer than a year", CALENDAR, f"{DATE_WORD} datetime timestamp admission discharge"),
    (
        "dates finer than a year",
        BIRTH,
        "dob dateofbirth birthdate birthday birthdt birthdtc brthdt brthdtc brthdat "
        "geburtsdatum gebdatum gebdat geburtstag datenaissance datedenaissance ddn fechanacimiento "
        "fechadenacimiento fechanac datanascita datadinascita datanascimento datadenascimento "
        "geboortedatum fodselsdato fodelsedatum dataurodzenia datumnarozeni dogumtarihi "
        "датарождения ημερομηνιαγεννησης 出生日期 生年月日 생년월일 תאריךלידה تاريخالميلاد",
    ),
    (
        "ages over 89",
        BORN_LONG_AGO,
        "yob byear birthyear birthyr yearofbirth yrbirth brthyr yearborn bornyear geburtsjahr "
        "jahrgang anneenaissance anneedenaissance anonacimiento anodenacimiento annonascita "
        "annodinascita anonascimento anodenascimento geboortejaar fodselsar fodelsear fodselsaar "
        "fodtaar syntymavuosi rokurodzenia roknarozeni szuletesiev dogumyili anulnasterii "
        "годрождения рікнародження ετοσγεννησης 出生年 出生年份 생년 שנתלידה",
    ),
    (
        "telephone numbers",
        SEVEN_DIGITS,
        "phone telephone tel mobile cell cellphone phonenumber telefon handy "
        "handynummer telefono telefone movil puhelin telefoon "
        "mobil mobilnummer mobiltelefon mobilfunk telefonnummer telefonnr rufnummer telemovel "
        "celular cellulare fone mobiel mobiltelefonszam telefonszam gsm whatsapp "
        "telefoonnummer puhelinnumero "
        "numerotelefonu komorka matkapuhelin 携帯 携帯番号 "
        "телефон тел τηλεφωνο 电话 电话号码 手机 手机号 電話 電話番号 전화 전화번호 טלפון الهاتف",
    ),
    ("fax numbers", SEVEN_DIGITS, "fax faxnumber telefax"),
    ("e-mail addresses", ANYTHING, "email emailaddress mailaddress почта 邮箱 電子メール 이메일"),
    (
        "social security numbers",
        CODE,
        "ssn socialsecurity socialsecuritynumber nationalid nationalinsurance nino cpf "
        "personnummer nationalidentifier sozialversicherungsnummer svnr codicefiscale bsn dni "
        "numerosecu nir pesel cpr cprnr cprnummer fodselsnummer henkilotunnus rodnecislo "
        "securitesociale numsecu seguridadsocial segurosocial nuss nss isikukood personnumber "
        "tckimlik tckimlikno ahv ahvnr ahvnummer steuerid aadhaar curp rut "
        "снилс инн паспорт паспортныеданные 身份证 身份证号 身份证号码 주민등록번호 "
        "マイナンバー αμκα αφμ",
    ),
    (
        "medical record numbers",
        CODE,
        "mrn medicalrecord medicalrecordnumber medrec hospitalnumber hospitalid chartnumber "
        "nhsnumber nhsno ehrid emrid healthrecord hospitalno hospitalnr hospno hospnr hospid "
        "chartno chartnr recordnr aktenzeichen "
        "krankenakte fallnummer fallnr patientennr historiaclinica numerohistoria nhc prontuario "
        "journalnummer "
        "journalnr numerodossier numdossier カルテ番号 診察券番号 病历号 住院号",
    ),
    (
        "health plan numbers",
        CODE,
        "healthplan healthplannumber insurance insuranceid insurancenumber memberid membernumber "
        "policynumber policyid medicare medicareid medicaid medicaidid beneficiary beneficiaryid "
        "subscriberid mbi hicn versichertennummer krankenversichertennummer "
        "versicherungsnummer kvnr",
    ),
    (
        "account numbers",
        CODE,
        "account accountnumber accountno accountid acct acctno iban bankaccount creditcard "
        "cardnumber billingnumber",
    ),
    (
        "certificate or licence numbers",
        CODE,
        "license licence licensenumber licencenumber licenseno driverslicense driverlicense "
        "drivinglicence certificate certificatenumber passport passportnumber deanumber",
    ),
    (
        "vehicle identifiers",
        CODE,
        "vehicle vehicleid vin licenseplate licenceplate numberplate platenumber registrationplate "
        "kennzeichen kfzkennzeichen autokennzeichen nummernschild immatriculation "
        "plaqueimmatriculation placavehiculo matriculavehiculo kenteken targa numerrejestracyjny "
        "tablicarejestracyjna registreringsnummer 車両番号 车牌号 车牌",
    ),
    (
        "device identifiers",
        CODE,
        "device deviceid deviceserial devicenumber serialnumber serialno serialnr "
        "seriennummer imei macaddress udi "
        "pacemakerid implantserial pumpserial stimulatorserial sensorserial vnsserial dbsserial",
    ),
    ("web addresses", ANYTHING, "url website homepage webaddress"),
    ("internet protocol addresses", CODE, "ip ipaddress ipaddr ipv4 ipv6"),
    (
        "biometric identifiers",
        ANYTHING,
        "biometric fingerprint fingerprints voiceprint retina retinascan irisscan facescan faceid "
        "palmprint",
    ),
    (
        "photographs",
        ANYTHING,
        "photo photograph photos portrait selfie headshot faceimage facephoto photofile",
    ),
    (
        "free text",
        WORDS,
        "comment comments remark remarks narrative note notes freetext verbatim specify "
        "otherspecify otherspec othersp description clinicalnotes transcript memo memos "
        "bemerkung bemerkungen anmerkung anmerkungen kommentar "
        "kommentare commentaire commentaires remarque comentario "
        "comentarios observacion observaciones commento osservazioni opmerking opmerkingen uwagi "
        "комментарий примечание 备注 コメント",
    ),
    (
        "free text",  # where it has more values than a list to choose from
        LETTERS,
        "occupation jobtitle profession beruf metier profesion professione beroep yrke ammatti "
        "zawod ocupacion профессия 职业 職業",
    ),
)
"""Class, what a value must look like, and names of columns."""

SHARED_WORDS: Final = words(
    "rut cpr ahv curp тел имя 名字 שם اسم "
    "name city county long lat lon street town tel cell device insurance vehicle license "
    "licence certificate account district ip vin guardian description note notes retina admission "
    "discharge specify initial init nom nombre commune handy nir cap gsm login handle memo"
)
"""Words that stand in the names of harmless columns too; they count as a whole name, or as the
last word of one."""

Rules = dict[str, tuple[tuple[str, re.Pattern[str]], ...]]


_ALONE: Final = str.maketrans({"ø": "o", "\u0131": "i", "ł": "l"})
"""Letters that are no others with an accent; the second is the Turkish i without a dot."""


def _bare(text: str) -> str:
    """A text without accents and the like, in every alphabet."""
    return normalize("NFC", without_marks(normalize("NFKD", text))).translate(_ALONE)


def without_marks(text: str) -> str:
    """A text without the marks that stand over, under and beside letters, as in Thai and Hindi."""
    if text.isascii():
        return text
    return "".join(letter for letter in text if category(letter)[0] != "M")


def _rules() -> Rules:
    by_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, shape, names in NAME_RULES:
        for word in names.split():
            by_word.setdefault(_bare(word), []).append((kind, shape))
    return {word: tuple(rules) for word, rules in by_word.items()}


RULES: Final[Rules] = _rules()
NOT_OF_A_PERSON: Final = words(
    "drug treatment study scale test visit arm trial item instrument site drugname file param "
    "variable domain country state protocol"
)
OF_REDCAP: Final = frozenset(
    (
        *("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"),
        "redcap_data_access_group",
    )
)
"""Columns that REDCap adds to an export: visits, forms, their number, and centres."""
AGE_WORDS: Final = words(
    "age ages ageyr ageyrs ageyears patage ptage alter lebensalter edad eta leeftijd idade alder "
    "years yrs jahre lebensjahre annees anni jaren vuotta idad"
)
"""Words of ages, and of years: of nothing else 90 of them have passed."""
UNITS_OF_AGE: Final = {
    **dict.fromkeys(("d", "day", "days", "tage", "jours", "dias"), 365.25),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "wochen"), 365.25 / 7),
    **dict.fromkeys(("m", "mo", "mos", "mon", "month", "months", "monate", "mois", "meses"), 12.0),
}
"""Words of units of an age, and how many a year has."""
NOT_YEARS: Final = words(
    "group grp category cat band months month days day weeks onset pack person patient follow"
)


def words_of(column: str) -> list[str]:
    """The words of a column's name: `birthDate`, `birth_date` and `BIRTH.DATE` have two.

    Letters lose their accents: `Prénom` is read as `Prenom`.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _bare(column).replace("ß", "ss"))
    return [word.casefold() for word in re.split(r"[\W_]+", spaced) if word]


def expected_by_name(column: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Class and shape of value of every rule that a column's name meets."""
    if column.casefold() in OF_REDCAP:
        return
    parts = words_of(column)
    telling = {"".join(parts), *parts[-1:]}
    for word in sorted(_phrases(parts)):
        if word in RULES and (word not in SHARED_WORDS or word in telling):
            yield from RULES[word]
    if _is_dated(column, parts):
        yield from RULES[DATE_WORD]


def expected_by_title(title: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The same of the words in which a file explains a column."""
    parts = words_of(title)
    for word in sorted(_phrases(parts) - SHARED_WORDS):
        yield from RULES.get(word, ())
    if _is_dated("", parts):
        yield from RULES[DATE_WORD]


def _phrases(parts: list[str]) -> set[str]:
    """One to three words in a row, written together; none of a name that is not of a person."""
    if NOT_OF_A_PERSON & set(parts):
        return set()
    return {
        "".join(parts[start:stop])
        for start in range(len(parts))
        for stop in range(start + 1, min(start + 3, len(parts)) + 1)
    }


def _is_dated(column: str, parts: list[str]) -> bool:
    """Whether a name is that of a date, of a visit or a test as well as of a person.

    CDISC names of dates end so: TRTSDT, RFSTDTC, ASTDTM, VISDAT.
    """
    words = [re.sub(r"\d+$", "", part) for part in parts]
    dated = any(DATED.fullmatch(word) or word in ("dt", "dtc", "dtm") for word in words)
    return dated or COLLECTED.fullmatch(column) is not None


def units_of_age(column: str) -> frozenset[float]:
    """How many of its units a year has, if a column is an age in days, weeks or months."""
    parts = set(words_of(column))
    if not parts & AGE_WORDS:
        return frozenset()
    return frozenset(in_a_year for word, in_a_year in UNITS_OF_AGE.items() if word in parts)


def holds_ages_in_groups(column: str) -> bool:
    """Whether a column is of groups of age: AGEGR1, age_group, Altersgruppe."""
    return any(re.match(r"age(?:$|g|c|b)|altersgr|altersk", part) for part in words_of(column))


def holds_age(column: str) -> bool:
    """Whether a column is an age in years."""
    parts = set(words_of(column))
    return bool(parts & AGE_WORDS) and not parts & NOT_YEARS
