import fnmatch
import json
import re
import unittest

import generate
import schema


class Vectors(unittest.TestCase):
    def test_schemas_are_strict(self) -> None:
        def objects(node: object) -> list[dict]:
            if isinstance(node, dict):
                inner = [found for value in node.values() for found in objects(value)]
                return inner + ([node] if node.get("type") == "object" else [])
            if isinstance(node, list):
                return [found for value in node for found in objects(value)]
            return []

        for path in sorted((generate.VECTORS / "schemas").iterdir()):
            for rules in objects(json.loads(path.read_text(encoding="utf-8"))):
                with self.subTest(schema=path.name):
                    self.assertIn("additionalProperties", rules)

    def test_the_files_are_what_the_generator_writes(self) -> None:
        self.assertEqual(generate.differences(generate.VECTORS / "v2"), [])

    def test_the_readme_lists_every_file(self) -> None:
        readme = (generate.VECTORS / "README.md").read_text(encoding="utf-8")
        listed = re.findall(r"^\| `([a-z0-9_*]+\.json)` \|", readme.partition("## Replay")[0], re.MULTILINE)
        self.assertEqual(len(set(listed)), len(listed))
        for path in (generate.VECTORS / "v2").iterdir():
            with self.subTest(file=path.name):
                self.assertEqual(sum(fnmatch.fnmatchcase(path.name, name) for name in listed), 1)

    def test_every_schema_is_used(self) -> None:
        present = {path.name for path in (generate.VECTORS / "schemas").iterdir()}
        used = {document["schema"].removeprefix("schemas/") for document in generate.documents().values()}
        self.assertEqual(present, used)


class Checker(unittest.TestCase):
    RULES = {
        "type": "object",
        "additionalProperties": False,
        "required": ["a"],
        "properties": {"a": {"type": "integer", "minimum": 1}},
    }

    def test_accepts_what_fits(self) -> None:
        schema.check({"a": 1}, self.RULES)

    def test_refuses_what_does_not(self) -> None:
        for value in ({}, {"a": 0}, {"a": True}, {"a": "1"}, {"a": 1, "b": 2}, []):
            with self.subTest(value=value), self.assertRaises(schema.SchemaError):
                schema.check(value, self.RULES)

    def test_refuses_a_keyword_that_it_does_not_know(self) -> None:
        with self.assertRaises(schema.SchemaError):
            schema.check(1, {"exclusiveMinimum": 0})


if __name__ == "__main__":
    unittest.main()
