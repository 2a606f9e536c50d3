"""Data and rules of the suite `similar`: two records of one person under each rule of Commission Delegated Regulation (EU)
2023/332, Annex II, in six scripts, and as many near misses. Nothing here is taken from an implementation of Blindlink:
other spellings come from published schemes, other dates from published calendar algorithms and tables.

A script module offers `CODE` (ISO 15924), `GIVEN` (names by sex), `FAMILY`, and `spellings(name)`: the name as the
published schemes write it, by scheme. The names are common ones, put together at random: no record means a real person.
"""
