"""Lists in the shape of the FollowTheMoney model (4.2.1): one JSON object a line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from encode import Cells, Record
from policy_validator import SCHEMA_FIELDS
from record_check import MAX_RECORDS, OF_RECORD, Fields, FileRefused, Found, LeftOut, check, forbidden, trim

FIELD_OF = {
    "name": "full_names", "firstName": "given_names", "secondName": "given_names", "middleName": "given_names",
    "fatherName": "father_names", "lastName": "family_names", "alias": "other_names", "previousName": "previous_names",
    "weakAlias": "weak_names", "birthDate": "birth_date", "birthCountry": "birth_country", "birthPlace": "birth_place",
    "phone": "phone", "email": "email", "gender": "sex", "nationality": "nationality", "citizenship": "nationality",
}  # fmt: skip
NUMBERS = {"passportNumber": "passport", "idNumber": "national_id"}
DOCUMENTS = {"Passport": "passport", "Identification": ""}
SEXES = {"female": "F", "male": "M", "other": "X"}
NO_MORE = {"suhh": "SUN", "yucs": "YUG", "csxx": "SCG", "cshh": "CSK", "ddde": "DDR"}
COUNTRIES = ("nationality", "birth_country", "document_issuer")

Properties = dict[str, list[str]]


class Pairs(list):
    """A JSON object, as it stands there."""


class Number(str):
    """A JSON number, as it is written."""


class NoEntity(ValueError):
    """A line that V-FTM-001 leaves out."""


@dataclass
class Entity:
    id: str
    schema: str
    properties: Properties
    identities: list[Properties]


@dataclass
class Person:
    line: int
    entity: Entity | None
    documents: list[tuple[str, str, str]] = field(default_factory=list)


def read(text: str, fields: Fields, lanes: int | None) -> Found:
    found, persons, held = Found(), list[Person](), list[Entity]()
    for number, line in enumerate(re.split("\r?\n", text), 1):
        if not trim(line):
            continue
        try:
            entity = parse(line)
        except (NoEntity, RecursionError):
            persons.append(Person(number, None))
            continue
        # V-RECORD-008
        for properties in (entity.properties, *entity.identities):
            if any(given and forbidden(name) for name, given in properties.items()):
                raise FileRefused("forbidden_column", number)
        if entity.schema == "Person":
            found.name(entity.id, number)
            persons.append(Person(number, entity))
        elif entity.schema in DOCUMENTS:
            held.append(entity)
        if len(persons) > MAX_RECORDS:
            raise FileRefused("too_many")
    by_name = {person.entity.id: person for person in persons if person.entity}
    for entity in held:
        # V-FTM-003
        holder, number, country, kind = (
            next(iter(entity.properties.get(name, [])), None) for name in ("holder", "number", "country", "type")
        )
        if holder in by_name and trim(number or ""):
            by_name[holder].documents.append((DOCUMENTS[entity.schema] or kind or "", country or "", number))
    for person in persons:
        found.add(person.line, lambda: _record(person, fields, lanes))
    return found


def parse(line: str) -> Entity:
    """V-FTM-001."""

    def constant(name: str) -> None:
        raise NoEntity(name)

    try:
        pairs = json.loads(line, object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=constant)
    except ValueError as error:
        raise NoEntity("no JSON") from error
    if not isinstance(pairs, Pairs):
        raise NoEntity("no object")
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members and name in ("id", "schema", "properties", "identities"):
            raise NoEntity("a member twice")
        members[_string(name)] = value
    identities = members.get("identities", [])
    if isinstance(identities, Pairs) or not isinstance(identities, list):
        raise NoEntity("no list")
    return Entity(
        _string(members.get("id")),
        _string(members.get("schema")),
        _properties(members.get("properties", Pairs())),
        [_properties(properties) for properties in identities],
    )


def _string(value: object) -> str:
    if not isinstance(value, str) or isinstance(value, Number):
        raise NoEntity("no string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NoEntity("half of a surrogate pair") from error
    return value


def _properties(value: object) -> Properties:
    if not isinstance(value, Pairs):
        raise NoEntity("no object")
    found: Properties = {}
    for name, given in value:
        if isinstance(given, Pairs) or not isinstance(given, list):
            raise NoEntity("no list")
        found[_string(name)] = [_string(one) for one in given]
    return found


def _record(person: Person, fields: Fields, lanes: int | None) -> Record:
    if person.entity is None:
        raise LeftOut("json")
    of_record: Cells = {"record_id": [person.entity.id]}
    declared: dict[str, list[str]] = {name: [] for name, _ in fields}
    identities = [_identity(p, of_record, declared) for p in (person.entity.properties, *person.entity.identities)]
    for document in person.documents:
        _add_document(identities[0], *document)
    identities[0] |= of_record
    return check(identities, list(declared.values()), fields, lanes)


def _identity(properties: Properties, of_record: Cells, declared: Cells) -> Cells:
    """V-FTM-002."""
    cells: Cells = {}
    for name, given in sorted(properties.items(), key=lambda item: item[0].encode()):
        to = FIELD_OF.get(name, name)
        if name in NUMBERS:
            for number in given:
                _add_document(cells, NUMBERS[name], "", number)
        elif to in declared:
            declared[to] += given
        elif to in SCHEMA_FIELDS and to != "record_id":
            (of_record if to in OF_RECORD else cells).setdefault(to, []).extend(_read_as(to, one) for one in given)
    return cells


def _add_document(cells: Cells, kind: str, issuer: str, number: str) -> None:
    for name, value in (("type", kind), ("issuer", _read_as("document_issuer", issuer)), ("number", number)):
        cells.setdefault(f"document_{name}", []).append(value)


def _read_as(name: str, value: str) -> str:
    """The model's words for sexes and countries."""
    if name == "sex":
        return SEXES.get(value, value)
    if name in COUNTRIES:
        code = trim(value).lower()
        if code in NO_MORE:
            return NO_MORE[code]
        if len(code) > 3 and "-" in code:
            return trim(value).partition("-")[0]
    return value
