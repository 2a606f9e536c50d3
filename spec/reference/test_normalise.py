import unicodedata
import unittest

import normalise
import normalise_tables as tables
import normalise_values as values


class Tables(unittest.TestCase):
    def test_folding_is_closed(self) -> None:
        for point, becomes in tables.folds().items():
            with self.subTest(point=hex(point)):
                self.assertFalse(set(becomes) & tables.folds().keys())

    def test_what_is_folded_has_letters(self) -> None:
        for point, becomes in tables.folds().items():
            known = [p in tables.letters() or p in tables.signs() or normalise.writing(p) == "hangul" for p in becomes]
            with self.subTest(point=hex(point)):
                self.assertTrue(all(known))

    def test_the_tables_name_no_code_point_after_unicode_14(self) -> None:
        for point in tables.letters() | tables.folds():
            with self.subTest(point=hex(point)):
                self.assertNotEqual(unicodedata.category(chr(point)), "Cn")

    def test_the_chapter_states_the_digest(self) -> None:
        chapter = (tables.FOLDER.parents[1] / "13-normalisation.md").read_text(encoding="utf-8")
        self.assertIn(tables.digest().hex(), chapter)


class Names(unittest.TestCase):
    def test_canonically_equivalent_letters_are_equal(self) -> None:
        for point in sorted(tables.letters().keys() | tables.folds().keys()):
            c = chr(point)
            if normalise.is_han(point):
                continue
            with self.subTest(point=hex(point)):
                forms = [normalise.normalise(unicodedata.normalize(form, c)) for form in ("NFC", "NFD")]
                self.assertEqual(forms[0], forms[1])

    def test_skeletons(self) -> None:
        for part, k4, k5 in (("hanna", "an", "hn"), ("smith", "smt", "smt"), ("xavier", "ksvr", "ksvr"), ("w", "v", "v")):
            with self.subTest(part=part):
                self.assertEqual((normalise.k4(part), normalise.k5(part)), (k4, k5))


class Values(unittest.TestCase):
    def test_every_day_of_a_year_is_the_next_one_of_each_calendar(self) -> None:
        for calendar, year in (("hijri", 1410), ("solar_hijri", 1370), ("ethiopian", 1983), ("hebrew", 5751)):
            with self.subTest(calendar=calendar):
                months = list(values.months(calendar, year).values())
                for (first, days), (following, _) in zip(months, months[1:]):
                    self.assertEqual(first + days, following)
                following_year = next(iter(values.months(calendar, year + 1).values()))
                self.assertEqual(sum(months[-1]), following_year[0])


if __name__ == "__main__":
    unittest.main()
