"""Other tools on the FEBRL lists that convert.py writes, each at the threshold that is best for it on the test set.

    python3.11 -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python baselines.py FOLDER [clk] [ecm] [logistic] [splink]

Prints a line for each tool and set of columns: F1 of all pairs at the best threshold ("pairwise"), and F1 after a greedy
one-to-one assignment by falling score at the best threshold ("one-to-one"). The best threshold is chosen with the
truth, so these are upper bounds of what an operator would reach.

- clk: clkhash encodings (1,024 bits, bigrams, about 100 bits a feature; dates position by position) compared by
  anonlink: a private linkage by a third party that sees all encodings. "joined" puts given and family name into one
  column of 200 bits, because clkhash keys every column for itself and the two are often swapped.
- ecm, logistic: plaintext matchers of recordlinkage: Jaro-Winkler of names and Damerau-Levenshtein of the rest,
  candidates by equality of any one column (and swapped names); weights by expectation maximisation without the truth,
  or by a logistic regression on FEBRL 3.
- splink: plaintext, Fellegi-Sunter with expectation maximisation.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Iterable

import numpy as np
import pandas as pd

NAME_DOB = ["given_names", "family_names", "birth_date"]
ADDRESS = [*NAME_DOB, "street_number", "address_1", "address_2", "suburb", "postcode", "state"]
COLUMNS = {"name-dob": NAME_DOB, "address": ADDRESS}


class Lists:
    """Two lists and the truth, records by position."""

    def __init__(self, folder: Path, columns: str) -> None:
        read = lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)
        self.a, self.b = (read(folder / columns / name) for name in ("a.csv", "b.csv"))
        at_a, at_b = ({key: i for i, key in enumerate(x.record_id)} for x in (self.a, self.b))
        truth = read(folder / "truth.csv")
        self.truth = {(at_a[i], at_b[j]) for i, j in zip(truth.a_id, truth.b_id)}


def best(lists: Lists, pairs: Iterable[tuple[int, int]], scores: np.ndarray, bijective: bool) -> tuple[float, float]:
    """Best F1 and its threshold. Of pairs with equal scores all or none are taken."""
    order = np.argsort(-scores, kind="stable")
    pairs = list(pairs)
    used_a: set[int] = set()
    used_b: set[int] = set()
    found = reported = 0
    top = (0.0, 1.0)
    for rank, position in enumerate(order):
        i, j = pairs[position]
        if not (bijective and (i in used_a or j in used_b)):
            used_a.add(i)
            used_b.add(j)
            reported += 1
            found += (i, j) in lists.truth
        last = rank + 1 == len(order) or scores[order[rank + 1]] < scores[position]
        if last and found:
            top = max(top, (2 * found / (reported + len(lists.truth)), float(scores[position])))
    return top


def report(tool: str, columns: str, lists: Lists, pairs: Iterable[tuple[int, int]], scores: np.ndarray) -> None:
    pairs = list(pairs)
    (pairwise, at), (single, at_single) = (best(lists, pairs, scores, bijective) for bijective in (False, True))
    reach = len(lists.truth & set(pairs)) / len(lists.truth)
    print(f"{tool:24} {columns:9} pairwise {pairwise:.4f} at {at:.3f}   one-to-one {single:.4f} at {at_single:.3f}", end="")
    print(f"   recall of the candidates {reach:.4f}", flush=True)


# --- clkhash and anonlink ---------------------------------------------------------------------------------------------


def schema(features: list[tuple[str, int, int, bool]]) -> dict[str, object]:
    """A clkhash linkage schema; a feature is a column, its n-gram size, its bits and whether positions count."""
    hashing = lambda n, bits, positional: {
        "comparison": {"type": "ngram", "n": n, "positional": positional},
        "strategy": {"bitsPerFeature": bits},
        "hash": {"type": "blakeHash"},
        "missingValue": {"sentinel": "", "replaceWith": ""},
    }
    return {
        "version": 3,
        "clkConfig": {
            "l": 1024,
            "xor_folds": 0,
            "kdf": {"type": "HKDF", "hash": "SHA256", "salt": "AAAA", "info": "AAAA", "keySize": 64},
        },
        "features": [
            {"identifier": "record_id", "ignored": True},
            *(
                {
                    "identifier": name,
                    "format": {"type": "string", "encoding": "utf-8"},
                    "hashing": hashing(n, bits, positional),
                }
                for name, n, bits, positional in features
            ),
        ],
    }


def clk(folder: Path) -> None:
    import anonlink
    from clkhash import clk as encoder
    from clkhash.schema import from_json_dict

    plain = {
        "name-dob": [("given_names", 2, 100, False), ("family_names", 2, 100, False), ("birth_date", 1, 100, True)],
        "joined": [("names", 2, 200, False), ("birth_date", 1, 200, True)],
    }
    plain["address"] = plain["name-dob"] + [
        ("street_number", 1, 100, True),
        ("address_1", 2, 100, False),
        ("address_2", 2, 100, False),
        ("suburb", 2, 100, False),
        ("postcode", 1, 100, True),
        ("state", 2, 100, False),
    ]
    plain["address joined"] = plain["joined"] + plain["address"][3:]
    for name, features in plain.items():
        columns = "address" if "address" in name else "name-dob"
        lists = Lists(folder / "test", columns)
        rules = from_json_dict(json.loads(json.dumps(schema(features))))
        encodings = []
        for table in (lists.a, lists.b):
            table = table.copy()
            table["birth_date"] = table.birth_date.str.replace("-", "")
            table["names"] = (table.given_names + " " + table.family_names).str.strip()
            text = table[["record_id", *(f[0] for f in features)]].to_csv(index=False)
            encodings.append(
                encoder.generate_clk_from_csv(io.StringIO(text), "secret", rules, progress_bar=False, max_workers=1)
            )
        candidates = anonlink.candidate_generation.find_candidate_pairs(
            encodings, anonlink.similarities.dice_coefficient, 0.6
        )
        scores, _, (i, j) = candidates
        report(f"clkhash ({name})", columns, lists, zip(map(int, i), map(int, j)), np.array(scores))


# --- plaintext --------------------------------------------------------------------------------------------------------


def compared(lists: Lists, columns: list[str]) -> pd.DataFrame:
    """Candidates and the similarity of each of their columns."""
    import recordlinkage as rl

    a, b = ({**{c: x[c].replace("", None) for c in columns}} for x in (lists.a, lists.b))
    a, b = pd.DataFrame(a), pd.DataFrame(b)
    index = rl.Index()
    few = ("state", "street_number", "postcode")
    for column in (c for c in columns if c not in few):
        index.block(column)
    index.block("given_names", "family_names")
    index.block("family_names", "given_names")
    if "postcode" in columns:
        index.block(["postcode", "street_number"])
    candidates = index.index(a, b)
    compare = rl.Compare()
    for column in columns:
        method = "jarowinkler" if column in NAME_DOB[:2] else "damerau_levenshtein"
        compare.string(column, column, method=method, label=column, missing_value=np.nan)
    for given, family in (("given_names", "family_names"), ("family_names", "given_names")):
        compare.string(given, family, method="jarowinkler", label=f"{given}/{family}", missing_value=np.nan)
    frame = compare.compute(candidates, a, b)
    # Names that are swapped count as equal, and what is missing on either side is neither alike nor unlike.
    swapped = frame.pop("given_names/family_names"), frame.pop("family_names/given_names")
    better = (swapped[0].fillna(0) + swapped[1].fillna(0)) > (frame.given_names.fillna(0) + frame.family_names.fillna(0))
    frame.loc[better, "given_names"], frame.loc[better, "family_names"] = swapped[0][better], swapped[1][better]
    return frame


def ecm(folder: Path) -> None:
    import recordlinkage as rl

    for name, columns in COLUMNS.items():
        lists = Lists(folder / "test", name)
        frame = compared(lists, columns)
        agree = (frame.fillna(0) >= 0.85).astype(int)
        matcher = rl.ECMClassifier(binarize=None)
        matcher.fit(agree)
        report("recordlinkage ECM", name, lists, frame.index, matcher.prob(agree).to_numpy())


def logistic(folder: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    def features(frame: pd.DataFrame) -> np.ndarray:
        return np.hstack([frame.fillna(0.0).to_numpy(), frame.isna().to_numpy(float), (frame.fillna(0) == 1.0).to_numpy(float)])

    for name, columns in COLUMNS.items():
        train, test = (Lists(folder / part, name) for part in ("train", "test"))
        known, new = compared(train, columns), compared(test, columns)
        right = np.array([pair in train.truth for pair in known.index])
        model = LogisticRegression(max_iter=2000).fit(features(known), right)
        report("logistic on FEBRL 3", name, test, new.index, model.decision_function(features(new)))


def splink(folder: Path) -> None:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    for name, columns in COLUMNS.items():
        lists = Lists(folder / "test", name)
        sides = []
        for table in (lists.a, lists.b):
            table = table.reset_index().rename(columns={"index": "position"})
            sides.append(table.replace("", None))
        rules = [block_on("given_names"), block_on("family_names"), block_on("birth_date")]
        if name == "address":
            rules += [block_on("suburb"), block_on("postcode", "street_number"), block_on("address_1")]
        else:
            rules += ["l.given_names = r.family_names", "l.family_names = r.given_names"]
        comparisons = [
            cl.ForenameSurnameComparison("given_names", "family_names"),
            cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
            *(cl.DamerauLevenshteinAtThresholds(c, [1, 2]) for c in columns[3:]),
        ]
        settings = SettingsCreator(
            link_type="link_only",
            unique_id_column_name="position",
            blocking_rules_to_generate_predictions=rules,
            comparisons=comparisons,
        )
        linker = Linker(sides, settings, DuckDBAPI(), input_table_aliases=["a", "b"])
        linker.training.estimate_probability_two_random_records_match([block_on("given_names", "family_names")], recall=0.5)
        linker.training.estimate_u_using_random_sampling(2e6, seed=1)
        for rule in (block_on("birth_date"), block_on("given_names")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        frame = linker.inference.predict(threshold_match_weight=-20).as_pandas_dataframe()
        flip = frame.source_dataset_l == "b"
        left, right = frame.position_l.where(~flip, frame.position_r), frame.position_r.where(~flip, frame.position_l)
        report("Splink", name, lists, zip(map(int, left), map(int, right)), frame.match_weight.to_numpy())


def main() -> None:
    tools = {"clk": clk, "ecm": ecm, "logistic": logistic, "splink": splink}
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= tools.keys():
        raise SystemExit(__doc__)
    for tool in sys.argv[2:] or tools:
        tools[tool](Path(sys.argv[1]))


if __name__ == "__main__":
    main()
