"""Lists in the shape of the FollowTheMoney model (4.2.1): one JSON object a line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from encode import Cells
from policy_validator import SCHEMA_FIELDS
from record_check import (
    MAX_IDENTITIES, MAX_RECORDS, OF_RECORD, Checked, Fields, FileRefused, Found, LeftOut, Mapping, check, forbidden, trim,
)  # fmt: skip

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
    nested: list[Entity] = field(default_factory=list)
    """V-FTM-004: entities among the values of its properties; the person that they are in holds them."""


@dataclass
class Person:
    line: int
    entity: Entity | None
    documents: list[tuple[str, str, str]] = field(default_factory=list)


def read(text: str, fields: Fields, lanes: int | None, mapping: Mapping) -> Found:
    found, persons, held, bad = Found(), list[Person](), list[Entity](), list[int]()
    for number, line in enumerate(re.split("\r?\n", text), 1):
        if not trim(line):
            continue
        try:
            entity = parse(line)
        except (NoEntity, RecursionError):
            persons.append(Person(number, None))
            continue
        # V-RECORD-008
        if any(given and forbidden(name) for of in _all(entity) for name, given in of.items()):
            bad.append(number)
            continue
        if entity.schema == "Person":
            found.name(entity.id, number)
            persons.append(Person(number, entity))
            held += [inner for inner in entity.nested if inner.schema in DOCUMENTS]
        elif entity.schema in DOCUMENTS:
            held.append(entity)
        if len(persons) > MAX_RECORDS:
            raise FileRefused("too_many")
    if bad:
        raise FileRefused("forbidden_column", bad[0], len(bad))
    by_name = {person.entity.id: person for person in persons if person.entity}
    for entity in held:
        # V-FTM-003
        holder, number, country, kind = (
            next(iter(entity.properties.get(name, [])), None) for name in ("holder", "number", "country", "type")
        )
        if holder in by_name and trim(number or ""):
            by_name[holder].documents.append((DOCUMENTS[entity.schema] or kind or "", country or "", number))
    for person in persons:
        found.add(person.line, lambda: _record(person, fields, lanes, mapping))
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
    nested: list[Entity] = []
    name = _string(members.get("id"))
    properties = _properties(members.get("properties", Pairs()), name, nested)
    further = [_properties(inner, name, nested) for inner in identities]
    return Entity(name, _string(members.get("schema")), properties, further, nested)


def _all(entity: Entity) -> list[Properties]:
    """V-RECORD-008: of the entity and of those within it."""
    return [entity.properties, *entity.identities, *(of for inner in entity.nested for of in _all(inner))]


def _string(value: object) -> str:
    if not isinstance(value, str) or isinstance(value, Number):
        raise NoEntity("no string")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NoEntity("half of a surrogate pair") from error
    return value


def _properties(value: object, holder: str, nested: list[Entity]) -> Properties:
    """V-FTM-004: of lists the strings; objects are entities within this one, other values are passed over."""
    if not isinstance(value, Pairs):
        raise NoEntity("no object")
    found: Properties = {}
    for name, given in sorted(((_string(name), given) for name, given in dict(value).items()), key=lambda item: item[0].encode()):
        values = given if isinstance(given, list) and not isinstance(given, Pairs) else [given]
        found[name] = [_string(one) for one in values if isinstance(one, str) and not isinstance(one, Number)]
        for one in (one for one in values if isinstance(one, Pairs)):
            members = {_string(key): member for key, member in one}
            inner = _properties(members.get("properties", Pairs()), holder, nested)
            if isinstance(schema := members.get("schema"), str) and not isinstance(schema, Number):
                nested.append(Entity("", _string(schema), inner | {"holder": [holder]}, []))
    return found


def _record(person: Person, fields: Fields, lanes: int | None, mapping: Mapping) -> Checked:
    if person.entity is None:
        raise LeftOut("json")
    of_record: Cells = {"record_id": [person.entity.id]}
    declared: dict[str, list[str]] = {name: [] for name, _ in fields}
    all_of_them = (person.entity.properties, *person.entity.identities)
    identities = [_identity(p, of_record, declared) for p in all_of_them[:MAX_IDENTITIES]]
    for document in person.documents:
        _add_document(identities[0], *document)
    identities[0] |= of_record
    identities += [{}] if len(all_of_them) > MAX_IDENTITIES else []
    return check(identities, list(declared.values()), fields, lanes, mapping)


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
