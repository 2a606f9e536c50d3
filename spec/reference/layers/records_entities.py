"""Lists in the shape of the FollowTheMoney model, for layer `records` (4.2.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

SUBURB = (("suburb", 4),)


def person(number: str, /, *identities: dict[str, list[str]], **properties: list[str]) -> str:
    entity: dict[str, Any] = {"id": number, "schema": "Person", "properties": properties}
    return json.dumps(entity | ({"identities": list(identities)} if identities else {}))


def entity(schema: str, /, **properties: list[str]) -> str:
    return json.dumps({"id": "d", "schema": schema, "properties": properties})


def add(file: Callable[..., None]) -> None:
    def case(comment: str, expected: str, *lines: str, **more: Any) -> None:
        file(comment, "Entity", "\n".join(lines) + "\n", expected, form="ftm", **more)

    file("no UTF-8 on the second line", "Entity", f"{person('a')}\n".encode() + b"\xff\n", "not_utf8", form="ftm")
    _lines(case)
    _members(case)
    _properties(case)
    _nested(case)
    _documents(case)


def _lines(case: Callable[..., None]) -> None:
    a, b, bad = person("a", name=["Ana Lopez"]), person("b", name=["Bea Diaz"]), person("c", gender=["Q"])
    case("nothing", "")
    case("lines that end with CR and LF, and empty ones", "sex", a + "\r", "", " \u2003\r", b + "\r", bad)
    case("CR alone ends no line", "json sex", f"{a}\r{b}", bad)
    case("with a byte order mark", "", "\ufeff" + a, b)
    case("white space around an object", "", f" \t{a}\t ", b)
    case("white space that JSON does not have", "json", "\u00a0" + a, b)
    case("an identifier twice", "duplicate_id", a, b, a)
    case("an identifier twice, once in a person that is left out", "duplicate_id", bad, a, bad)
    case("no identifier twice: two that have none", "empty empty", person(""), person(""))
    case("an identifier that another schema has too", "", a, json.dumps({"id": "a", "schema": "Company"}))
    case("an identifier of 65 bytes", "too_long", person("a" * 65), b)
    case("a blank identifier, and one that is not trimmed", "empty", person(" "), person(" a "))
    case("another lane than those compared", "other_lane", person("a", lane=["missing"]), b, lanes=3)


def _members(case: Callable[..., None]) -> None:
    good = person("b", name=["Bea Diaz"])
    for comment, line in (
        ("half an object", '{"id": "a"'),
        ("a list with the members of an object", '["a", "Person", {}, []]'),
        ("a string", '"Person"'),
        ("two objects on a line", '{"id": "a", "schema": "Person"} {"id": "b", "schema": "Person"}'),
        ("no `id`", '{"schema": "Person"}'),
        ("no `schema`", '{"id": "a"}'),
        ("a number for `id`", '{"id": 5, "schema": "Person"}'),
        ("null for `properties`", '{"id": "a", "schema": "Person", "properties": null}'),
        ("a list for `properties`", '{"id": "a", "schema": "Person", "properties": []}'),
        ("a lone surrogate in a property that is a string", '{"id": "a", "schema": "Person", "properties": {"name": "\\ud800"}}'),
        ("null for the properties of an entity within", '{"id": "a", "schema": "Person", "properties": {"x": [{"schema": "Passport", "properties": null}]}}'),
        ("an object for `identities`", '{"id": "a", "schema": "Person", "identities": {}}'),
        ("a string among `identities`", '{"id": "a", "schema": "Person", "identities": ["b"]}'),
        ("`id` twice", '{"id": "a", "id": "a", "schema": "Person"}'),
        ("`properties` twice", '{"id": "a", "properties": {}, "schema": "Person", "properties": {}}'),
        ("half of a surrogate pair", '{"id": "a", "schema": "Person", "properties": {"name": ["\\ud800"]}}'),
        ("half of a surrogate pair in a name", '{"id": "a", "schema": "Person", "x\\udfff": 1}'),
        ("a tabulator in a string", '{"id": "a", "schema": "Person", "properties": {"name": ["A\tB"]}}'),
        ("NaN", '{"id": "a", "schema": "Person", "rank": NaN}'),
    ):
        case(comment, "json", line, good)
    for comment, line in (
        ("no `properties`", '{"id": "a", "schema": "Person"}'),
        ("a property that is a string", '{"id": "a", "schema": "Person", "properties": {"name": "Ana"}}'),
        ("values that are no texts", '{"id": "a", "schema": "Person", "properties": {"phone": [9991234567], "notes": [null, true, 1.5, ["x"]]}}'),
        ("members in another order, and others", '{"first": {"x": [1, 2.5e9, {}]}, "properties": {"name": ["Ana"]}, "schema": "Person", "id": "a"}'),
        ("a member twice that is not read", '{"id": "a", "schema": "Person", "x": 1, "x": 2}'),
        ("escapes", '{"id": "a", "schema": "Person", "properties": {"n\\u0061me": ["\\u0041na \\ud83d\\ude00"]}}'),
        ("a property twice: the last counts", '{"id": "a", "schema": "Person", "properties": {"name": ["Ana"], "name": ["Bea"]}}'),
    ):
        case(comment, "", line, good)


def _properties(case: Callable[..., None]) -> None:
    case("each property of its own", "", *(person(f"p{i}", **{name: [value]}) for i, (name, value) in enumerate((
        ("name", "Ana Lopez"), ("firstName", "Ana"), ("secondName", "Bea"), ("middleName", "Cleo"), ("fatherName", "Luis"),
        ("lastName", "Lopez"), ("alias", "Anita"), ("previousName", "Ana Diaz"), ("weakAlias", "La Flaca"),
        ("birthDate", "1990-05"), ("birthCountry", "uto"), ("birthPlace", "Lima"), ("phone", "+999 1234567"),
        ("email", "a@example.org"), ("gender", "female"), ("nationality", "uto"), ("citizenship", "uto"),
        ("passportNumber", "AB12345"), ("idNumber", "CD12345"), ("mrz_names", "LOPEZ<<ANA"), ("position", "not read"),
        ("record_id", "not read"), ("Name", "not read"),
    ))))  # fmt: skip
    case("values stand in the order of the names of their properties", "", person("a", secondName=["C"], middleName=["B"], given_names=["D"], firstName=["A"], nationality=["UTO"], citizenship=["XXA"]))
    case("documents stand in it too", "", person("a", passportNumber=["AB12345", "AB12346"], idNumber=["CD12345"], document_type=["visa"], document_number=["EF12345"], document_issuer=["UTO"]))
    case("a number without type beside one with it", "unpaired", person("a", passportNumber=["AB12345"], document_number=["EF12345"]))
    case("words for a sex", "", person("a", gender=["male", "other", "F"]), person("b", sex=["female"]), person("c", gender=["Female"]))
    codes = ("suhh", "YUCS", " csxx ", "cshh", "ddde", "gb-sct", "GE-AB", "so-som", "de", "deu")
    case("the model's countries", "", *(person(f"p{i}", nationality=[c], birth_country=[c]) for i, c in enumerate(codes)))
    case("countries that are none", "country country country", *(person(c, birthCountry=[c]) for c in ("x-so", "zz", "utopia")))
    case("a property with a forbidden word", "forbidden_column", person("a"), person("b", religion=["any"]))
    case("in another schema, and in a further identity", "forbidden_column", entity("Company", politicalParty=["any"]))
    case("a forbidden word in a further identity", "forbidden_column", person("a", {"healthStatus": ["any"]}))
    case("a property with a forbidden word and no value", "", person("a", religion=[]))
    case("seventeen values of two properties for one field", "too_many", person("a", firstName=[f"A{c}" for c in "abcdefghi"], secondName=[f"B{c}" for c in "abcdefgh"]))
    case("further identities", "", person("a", {"identity_status": ["misused"], "name": ["Bea Diaz"]}, {}, name=["Ana"]))
    case("eight identities", "", person("a", *[{}] * 7))
    case("nine identities", "too_many", person("a", *[{}] * 8))
    case("a lane and a reference in a further identity", "", person("a", {"lane": ["victim"], "case_ref": ["c1"]}), person("b", {"lane": ["victim"]}, lane=["victim"]))
    case("an error in a further identity", "date", person("a", {"birthDate": ["1990-13"]}))
    case("declared fields, in two identities", "", person("a", {"suburb": ["Fern"]}, suburb=["Old Town"]), fields=SUBURB)


def _nested(case: Callable[..., None]) -> None:
    """V-FTM-004."""
    passport = {"id": "d1", "schema": "Passport", "properties": {"number": ["XY98765"], "country": ["uto"]}}
    card = {"schema": "Identification", "properties": {"number": ["CD12345"], "type": ["residence card"], "holder": ["z"]}}
    sanction = {"id": "s1", "schema": "Sanction", "properties": {"authority": ["any"], "entity": ["a"]}}
    for comment, reason, nested in (
        ("a passport within a person", "", [passport]),
        ("two documents and what is none", "", [sanction, card, passport, 5, None]),
        ("a document within a document", "", [{"schema": "Sanction", "properties": {"x": [passport]}}]),
        ("an entity without a schema", "", [{"id": "x", "properties": {"number": ["XY98765"]}}]),
        ("a document without a number", "", [{"schema": "Passport", "properties": {"country": ["uto"]}}]),
        ("an entity in the place of a list", "", passport),
        ("a forbidden word within", "forbidden_column", [{"schema": "Event", "properties": {"religion": ["any"]}}]),
        ("properties within that are no object", "json", [{"schema": "Passport", "properties": 5}]),
    ):
        line = json.dumps({"id": "a", "schema": "Person", "properties": {"name": ["Ana Lopez"], "passport": nested}})
        case(comment, reason, line, person("b", name=["Bea Diaz"]))


def _documents(case: Callable[..., None]) -> None:
    ana = person("a", {"passportNumber": ["ZZ12345"]}, passportNumber=["AB12345"])
    passport = entity("Passport", holder=["a", "b"], number=["XY98765", "XY98766"], country=["uto", "xxa"], type=["service"])
    card = entity("Identification", holder=["a"], number=["CD12345"], type=["residence card", "other"])
    case("documents before and behind their holder", "", card, ana, passport)
    case("in the other order", "", passport, ana, card)
    case("documents of nobody and of somebody else", "", entity("Passport", number=["XY98765"]), entity("Passport", holder=["b"], number=["XY98765"]), person("a"))
    case("documents without a number", "", person("a"), entity("Passport", holder=["a"]), entity("Passport", holder=["a"], number=[" "], country=["uto"]))
    case("an Identification without a type", "", person("a"), entity("Identification", holder=["a"], number=["CD12345"], country=["gb-sct"]))
    case("a document that is none", "", person("a"), entity("Passport", holder=["a"], number=["?"]))
    case("an issuer that is none", "country", person("a"), entity("Passport", holder=["a"], number=["XY98765"], country=["Utopia"]))
    case("a person with a document, not read", "", entity("LegalEntity", name=["Unread"], passportNumber=["XY98765"]), person("a"))
