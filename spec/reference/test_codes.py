"""Every error code has a vector, or a stated reason why it has none (V-ERROR-001)."""

from __future__ import annotations

import unittest
from typing import Any

import codes

CHAPTER = "| code | class | when |\n|---|---|---|\n| 200 | `Truncated` | short |\n| 500 | `Internal` | a bug |\n"
README = "## Codes without a vector\n\n| code | why |\n|---|---|\n| 500 | a bug cannot be asked for |\n\n## More\n"


def _files(*errors: tuple[str, int], valid: int = 400) -> dict[str, dict[str, Any]]:
    bad = [{"result": "invalid", "error": {"class": name, "code": code}} for name, code in errors]
    return {"a.json": {"tests": [{"result": "valid"}] * valid + bad * codes.LEAST_NEGATIVE}}


class Codes(unittest.TestCase):
    def test_every_code_has_a_vector_or_a_reason(self) -> None:
        self.assertEqual(codes.problems(*codes.read()), [])

    def test_nothing_is_wrong_with_the_small_case(self) -> None:
        self.assertEqual(codes.problems(CHAPTER, README, _files(("Truncated", 200))), [])

    def test_what_is_missing_or_stale_is_found(self) -> None:
        good, both = _files(("Truncated", 200)), _files(("Truncated", 200), ("Internal", 500))
        for chapter, readme, files, said in (
            (CHAPTER + "| 201 | `TrailingBytes` | long |\n", README, good, "201 TrailingBytes: no vector"),
            (CHAPTER, README.replace("| 500", "| 500, 501"), good, "501: is excepted, and not"),
            (CHAPTER, README, both, "500: has a vector now"),
            (CHAPTER, README, _files(("Truncated", 200), ("Truncated", 201)), "201 Truncated: chapter 10 calls it nothing"),
            (CHAPTER, README, _files(("Short", 200)), "200 Short: chapter 10 calls it Truncated"),
            (CHAPTER, README, _files(("Truncated", 200), valid=0), "150 tests, 150 of them negative"),
        ):  # fmt: skip
            with self.subTest(said=said):
                found = codes.problems(chapter, readme, files)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(said), found)
        few = _files(("Truncated", 200))
        del few["a.json"]["tests"][-1]
        self.assertEqual(len(codes.problems(CHAPTER, README, few)), 1)

    def test_a_table_that_contradicts_itself_is_refused(self) -> None:
        for chapter, readme in ((CHAPTER + "| 200 | `Other` | x |\n", README), (CHAPTER, README.replace("| 500", "| 500, 500")), (CHAPTER, "")):
            with self.assertRaises(ValueError):
                codes.problems(chapter, readme, _files(("Truncated", 200)))


if __name__ == "__main__":
    unittest.main()
