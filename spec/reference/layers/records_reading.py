"""How values and files are read, for layer `records` (4.5, 4.6)."""

from __future__ import annotations

from collections.abc import Callable

DATES = (
    # V-READ-006, V-READ-007: unambiguous forms
    ("06.05.1990", ""), ("6.5.1990", ""), ("13/05/1990", ""), ("05/13/1990", ""), ("05/05/1990", ""), ("1990/05/06", ""),
    ("1990.5.6", ""), ("1990 05 06", ""), ("19900506", ""), ("13051990", ""), ("1990-25-12", ""), ("6 May 1990", ""),
    ("May 6, 1990", ""), ("6th of May, 1990", ""), ("6. Mai 1990", ""), ("6 mai 1990", ""), ("6 de mayo de 1990", ""),
    ("6 \u043c\u0430\u044f 1990 \u0433.", ""), ("\u0666 \u0645\u0627\u064a\u0648 \u0661\u0669\u0669\u0660", ""), ("1990\u5e745\u67086\u65e5", ""),
    ("\u0968\u0966\u0967\u0966-\u0966\u096b-\u0966\u096c", ""), ("\u0e51\u0e59\u0e59\u0e50", ""), ("05/1990", ""), ("May 1990", ""), ("1990-05-06T00:00:00Z", ""),
    ("13/05/1990 12:30:00 AM", ""), ("\u200f1990-05-06\u200e", ""), ("1990-05-06\u00a0", ""), ("born 1990", ""),
    ("1990-XX-XX", ""), ("1990-05-??", ""), ("1990-**-**", ""), ("0000-00-00", "filler_date"), ("1990-02-30", "day"),
    ("31/04/1990", "day"), ("1990-00-05", ""), ("circa 1985", ""), ("ca. 1985", ""), ("Approximately 1985-03", ""), ("um 1985", ""),
    ("\u043e\u043a\u043e\u043b\u043e 1985", ""), ("1985-1987", "range"), ("1985, 1987", ""), ("between 1985 and 1987", "range"), ("zwischen 1985 und 1986", ""), ("1985 or 1987", ""),
    ("1985 / 1987", ""), ("1990-05-06; 1991-05-06", ""), ("1985\u20131986", ""), ("1970-1985", "range"), ("1987-1985", "range"),
    # V-READ-008: what stays ambiguous
    ("06/05/1990", "day_or_month"), ("5-6-1990", "day_or_month"), ("06.05.90", "two_digit_year"), ("6-May-90", "two_digit_year"),
    ("05061990", "day_or_month"), ("05051990", ""), ("before 1985", "vague"), ("nach 1985", "vague"), ("1980s", "vague"), ("32874", "excel"), ("32874.5", "excel"), ("34", "age"),
    ("36 years", "age"), ("36 \u043b\u0435\u0442", "age"), ("5 months", "age"), ("next week", "date"), ("1990-13-45", "date"), ("1990 +/- 2", "date"),
    ("age:36@2024-05-06", ""), ("age:36@", "age"),
    # V-READ-009: calendars and fillers
    ("1400-10-30", "hijri"), ("1368/02/16", "hijri"), ("2533", "buddhist"), ("5750", "hebrew"), ("hijri:1410-01-30", ""), ("hijri:1410-02-30", "day"),
    ("1410 AH", ""), ("15 \u0631\u0645\u0636\u0627\u0646 1410", ""), ("\u06f1\u06f3\u06f6\u06f8 \u0634\u0645\u0633\u06cc", ""), ("16 Ordibehesht 1369", ""), ("\u0e1e.\u0e28. 2533", ""), ("nepali:2047-05-01", ""),
    ("nepali:2047", ""), ("nepali:2047-13", "date"), ("ethiopian:1982-13-05", ""), ("1900-01-01", "filler_date"), ("01.01.1900", "filler_date"), ("9999-12-31", "filler_date"),
    ("1800", "year"), ("2027", "future"), ("2068-07-16", "future"), ("hijri:1460", "future"), ("n/a", ""), ("\u4e0d\u8be6", ""), ("-", ""), ("?", ""),
)
NAMES = (
    # V-READ-003, V-READ-005
    ("Ana\tMaria\n", ""), ("Zo&euml; &#76;ópez", ""), ("Zo&nosuch; &#0;", "several"), ("\u00d0\u00a0\u00d0\u00be\u00d0\u00bc\u00d0\u00b0\u00d0\u00bd", "mojibake"), ("Fran\u00c3\u00a7ois", "mojibake"),
    ("Fran\u00e7ois", ""), ("Fran\ufffdois", "broken"), ("????", "broken"), ("...", ""), ("Ana Lopez; Bea Diaz", "several"), ("Ana Lopez / Bea Diaz", "several"),
    ("1) Ana 2) Bea", "several"), ("1: ANA 2: BEA 3: na", "several"), ("1. Ana 3. Bea", ""), ("Ana Lopez a.k.a. La Flaca", "several"), ("Ana Lopez (alias Bea Diaz)", "several"),
    # V-PLACEHOLDER-001
    ("Unknown Male 3", "nobody"), ("FNU", "nobody"), ("FNU Hassan", "nobody"), ("Baby Boy", "nobody"), ("Baby Santos", ""), ("Baby of Ana Lopez", "nobody"),
    ("N.N.", "nobody"), ("XXX", "nobody"), ("unbekannte Frau", "nobody"), ("inconnu", "nobody"), ("desconocido 7", "nobody"), ("John Doe", "nobody"),
    ("\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u044b\u0439 \u043c\u0443\u0436\u0447\u0438\u043d\u0430", "nobody"), ("\u0645\u062c\u0647\u0648\u0644 \u0627\u0644\u0647\u0648\u064a\u0629", "nobody"), ("\u65e0\u540d\u6c0f", "nobody"), ("Male", ""), ("Boy", ""), ("A", ""), ("Null", "nobody"), ("\u5434", ""),
)
OTHERS = (
    # V-READ-002, V-READ-010
    ("sex", "Male", ""), ("sex", "weiblich", ""), ("sex", "\u0436\u0435\u043d", ""), ("sex", "\u0630\u0643\u0631", ""), ("sex", "\u5973", ""), ("sex", "UNKNOWN", ""), ("sex", "1", "sex"), ("sex", "M/F", ""),
    ("nationality", "Germany", ""), ("nationality", "\u0413\u0435\u0440\u043c\u0430\u043d\u0438\u044f", ""), ("nationality", "\u5fb7\u56fd", ""), ("nationality", "KSA", ""), ("nationality", "GER", ""), ("nationality", "USSR", ""), ("nationality", "SYR/IRQ", ""),
    ("nationality", "Syria, Iraq", ""), ("nationality", "N/A", ""), ("nationality", "NA", ""), ("nationality", "no", ""), ("birth_country", "NO", ""), ("nationality", "Atlantis", "country"), ("nationality", "QQQ", "unknown_country"),
    ("document_number", "n/a", ""), ("document_number", "00000000", "repeated"), ("document_number", "1234567", "repeated"), ("document_number", "4.41E+11", "scientific"), ("document_number", "AB1234; CD5678", ""),
    ("document_number", "UNKNOWN", ""), ("document_number", "unidentified", "nobody"), ("document_number", "12", "document"), ("document_number", "12/345/78", ""),
    ("phone", "+999 555 0123456 ext. 1364", "extension"), ("phone", "+999 5550123456 x136", "extension"), ("phone", "0171/2345678", ""), ("phone", "+999 1234567 / +999 7654321", ""), ("phone", "+999 1234567, +999 7654321", ""),
    ("phone", "+999 1234567 \u0434\u043e\u0431. 12", "extension"), ("phone", "9.99555E+11", "scientific"), ("phone", "000000000", "repeated"), ("phone", "null", ""), ("phone", "\u0660\u0661\u0667\u0661\u0662\u0663\u0664\u0665\u0666\u0667", ""),
    ("email", "Ana <a@example.org>", ""), ("email", "mailto:a@example.org", ""), ("email", "a@example.org; b@example.org", ""), ("email", "a@example.org b@example.org", ""), ("email", "none", ""),
    ("birth_place", "unknown", ""), ("birth_place", "Old Town; New Town", ""), ("identity_status", "Misused", ""), ("lane", "Victim", ""), ("lane", "n/a", ""),
)


def add(file: Callable[..., None], row: Callable[..., None]) -> None:
    for date, reason in DATES:
        row(f"born `{ascii(date)}`", reason, birth_date=date)
    for name, reason in NAMES:
        row(f"named `{ascii(name)}`", reason, full_names=name)
    for column, value, reason in OTHERS:
        row(f"{column} `{ascii(value)}`", reason, **{column: value})
    row("a placeholder and a whole date of birth", "nobody", full_names="Baby Boy", birth_date="2019-05-06")
    row("a placeholder beside a name, and a date", "nobody", given_names="FNU", family_names="Gulmirzai", birth_date="2019-05-06")
    row("an age and its basis", birth_date="age:36@2024-05-06", birth_basis="document")
    row("several dates in one cell share their basis", birth_date="1985-1986|1990", birth_basis="document|statement")
    row("several numbers in one cell share their owner", phone="+999 1234567; +999 7654321", phone_owner="own")
    row("an issuer of a number that is left out", "document", document_number="12", document_issuer="UTO")
    _files(file)
    _mappings(file)


def _files(file: Callable[..., None]) -> None:
    """V-MAP-001 to V-MAP-003: files as they are saved."""
    plain = "record_id{0}given_names{0}sex\na{0}Ana{0}F\nb{0}Bea{0}Q\n"
    for sign in ",;\t|":
        file(f"columns between `{ascii(sign)}`", "Saved", plain.format(sign), "sex")
        file(f"a line `sep=` for `{ascii(sign)}`", "Saved", f"SEP={sign}\r\n" + plain.format(sign), "sex")
    file("UTF-16, little end first", "Saved", b"\xff\xfe" + plain.format("\t").encode("utf-16-le"), "sex")
    file("UTF-16, big end first", "Saved", b"\xfe\xff" + plain.format(";").encode("utf-16-be"), "sex")
    file("half a character of UTF-16", "Saved", b"\xff\xfe" + plain.format(",").encode("utf-16-le") + b"a", "not_utf8")
    for header in (
        "Record_ID,Given Names,SEX", "ID,Vorname,Geschlecht", "identifiant,Pr\u00e9nom,Sexe", "c\u00f3digo,Nombre,Sexo",
        "\u041d\u043e\u043c\u0435\u0440,\u0418\u043c\u044f,\u041f\u043e\u043b", "\u0627\u0644\u0631\u0642\u0645,\u0627\u0644\u0627\u0633\u0645 \u0627\u0644\u0623\u0648\u0644,\u0627\u0644\u062c\u0646\u0633", "\u7f16\u53f7,\u540d\u5b57,\u6027\u522b",
    ):  # fmt: skip
        file(f"a header, `{ascii(header)}`", "Saved", f"{header}\na,Ana,F\n")
    file("empty columns at the end", "Saved", "record_id,sex,,\na,F,,\nb,M,,,,\n")
    file("a value in a column without a name", "Saved", "record_id,sex,\na,F,x\n", "unnamed")
    file("two columns for one field", "Saved", "record_id,Nationality,Citizenship\na,UTO,DEU\n")
    file("one column twice", "Saved", "record_id,Sex,Sex\na,F,F\n", "duplicate_column")
    file("two columns for the identifier", "Saved", "record_id,ID\na,b\n", "duplicate_column")
    file("ages and when they were true", "Saved", "record_id,age,age_on\na,36,2024-05-06\nb,36,\nc,,2024\n", "age")


def _mappings(file: Callable[..., None]) -> None:
    text = "Nr;Nom;Bemerkung;geb\na;Ana;x;03/04/1990\nb;Bea;y;1400-10-30\nc;Cleo;z;32874\nd;Dora;;36\n"
    columns = '[columns]\nNr = "record_id"\nNom = "given_names"\nBemerkung = ""\ngeb = "birth_date"\n'
    for comment, rest, reasons in (
        ("nothing of the dates", "", "day_or_month hijri excel age"),
        ("the day first", '[dates.birth_date]\norder = "dmy"\n', "hijri excel age"),
        ("the month first, the calendar", '[dates.birth_date]\norder = "mdy"\ncalendar = "hijri"\n', "day excel age"),
        ("another calendar, days of a spreadsheet", '[dates.birth_date]\ncalendar = "solar_hijri"\nexcel = true\n', "day_or_month age"),
        ("when ages were true", "[dates.birth_date]\nage_on = 2024\n", "day_or_month hijri excel"),
        ("rules of another field", '[dates.since]\norder = "dmy"\n', "day_or_month hijri excel age"),
    ):
        file(f"a mapping: {comment}", "Mapped", text, reasons, mapping=columns + rest)
    file("a mapping without the separator of the file", "Mapped", "record_id;sex\na;F\n", "no_header", mapping='separator = ","\n')
    file("columns that are not known are passed over", "Mapped", "record_id,income\na,5\n", mapping="ignore_unknown = true\n")
    file("a mapping passes over no forbidden column", "Mapped", "record_id,religion\na,x\n", "forbidden_column", mapping='[columns]\nreligion = ""\n')
    file("Ethiopian years", "Mapped", "record_id,birth_date\na,1982\nb,1982-13-05\n", mapping='[dates.birth_date]\ncalendar = "ethiopian"\n')
    file("Buddhist and Gregorian years in one column", "Mapped", "record_id,birth_date\na,2533\nb,1990\n", mapping='[dates.birth_date]\ncalendar = "buddhist"\n')
    file("Nepali years", "Mapped", "record_id,birth_date\na,2047\nb,2047-09-01\nc,2047-10-01\n", mapping='[dates.birth_date]\ncalendar = "nepali"\n')
