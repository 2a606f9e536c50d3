"""The audit log: proofs in a tree, and signed checkpoints."""

from __future__ import annotations

from typing import Any

import audit
import audit_log
import audit_proof_file
import ed25519
from audit import COSIGNATURE, LOG, Refused
from layers.common import Tests, seed_bytes

LEAVES = [audit.leaf(f"entry {i}".encode()) for i in range(7)]


def _proofs() -> dict[str, Any]:
    tests = Tests()
    n, top = len(LEAVES), audit.root(LEAVES)

    def inclusion(comment: str, flag: str, index: int, size: int, proof: list[bytes], root: bytes, fault: str = "") -> None:
        fields = {
            "kind": "inclusion", "leaf": LEAVES[min(index, n - 1)].hex(), "index": index, "size": size,
            "root": root.hex(), "proof": [h.hex() for h in proof],
        }  # fmt: skip
        try:
            audit.check_inclusion(f"entry {min(index, n - 1)}".encode(), index, size, proof, root)
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, **fields)

    def consistency(comment: str, flag: str, old: tuple[int, bytes], new: tuple[int, bytes], proof: list[bytes], fault: str = "") -> None:
        fields = {
            "kind": "consistency", "old_size": old[0], "old_root": old[1].hex(), "size": new[0],
            "root": new[1].hex(), "proof": [h.hex() for h in proof],
        }  # fmt: skip
        try:
            audit.check_consistency(*old, *new, proof)
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, flag, fault, said, **fields)

    for index in range(n):
        inclusion(f"entry {index} of 7", "Inclusion", index, n, audit.inclusion(LEAVES, index), top)
    inclusion("the only entry", "Inclusion", 0, 1, [], LEAVES[0])
    good = audit.inclusion(LEAVES, 2)
    inclusion("another place", "NotIncluded", 3, n, good, top, "Inclusion")
    inclusion("a place after the end", "NotIncluded", 7, n, good, top, "Inclusion")
    inclusion("another size", "NotIncluded", 2, 3, good, top, "Inclusion")
    inclusion("another root", "NotIncluded", 2, n, good, LEAVES[0], "Inclusion")
    inclusion("a hash too few", "NotIncluded", 2, n, good[:-1], top, "Inclusion")
    inclusion("a hash too many", "NotIncluded", 2, n, [*good, top], top, "Inclusion")
    inclusion("two hashes swapped", "NotIncluded", 2, n, [good[1], good[0], *good[2:]], top, "Inclusion")

    at = [(size, audit.root(LEAVES[:size])) for size in range(n + 1)]
    for size in range(1, n + 1):
        consistency(f"from {size} to 7", "Consistency", at[size], at[n], audit.consistency(LEAVES, size))
    consistency("from nothing", "Consistency", at[0], at[n], [])
    grown = audit.consistency(LEAVES, 5)
    consistency("back to a smaller tree", "Inconsistent", at[7], at[5], [], "Consistency")
    consistency("equal size, another root", "Inconsistent", at[7], (7, LEAVES[0]), [], "Consistency")
    consistency("another old root", "Inconsistent", (5, LEAVES[0]), at[7], grown, "Consistency")
    consistency("another new root", "Inconsistent", at[5], (7, LEAVES[0]), grown, "Consistency")
    consistency("a hash too few", "Inconsistent", at[5], at[7], grown[:-1], "Consistency")
    consistency("a hash too many", "Inconsistent", at[5], at[7], [*grown, top], "Consistency")
    forged = [*LEAVES[:1], audit.leaf(b"forged"), *LEAVES[2:]]
    proof, forged_top = audit.consistency(forged, 5), audit.root(forged)
    consistency("an entry of the past was changed", "Inconsistent", at[5], (7, forged_top), proof, "Consistency")
    notes = {
        "Inclusion": "V-AUDIT-002: the leaf is entry `index` of the tree",
        "NotIncluded": "V-AUDIT-002: must be refused",
        "Consistency": "V-AUDIT-003: the old tree is the beginning of the new one",
        "Inconsistent": "V-AUDIT-003: must be refused",
    }
    return tests.document("audit_proof", "spec/15-audit.md section 15.3", "spec/reference", notes)


def _notes() -> dict[str, Any]:
    tests = Tests()
    log, other = seed_bytes("audit log key"), seed_bytes("audit cosigner key")
    name, cosigner = "vectors.example/log", "vectors.example/witness"
    size, top = 7, audit.root(LEAVES)
    text = audit.checkpoint(name, size, top)
    own, theirs = audit.sign(text, name, log), audit.cosign(text, cosigner, other, 1_767_225_600)
    stranger = audit.sign(text, "stranger.example", other)
    same_name = audit.sign(text, name, other)
    late = audit.cosign(text, cosigner, other, 1_767_225_601)
    moved = text.replace("\n7\n", "\n8\n")

    def case(comment: str, flag: str, note: str, fault: str = "", kind: int = LOG) -> None:
        signer, secret = (name, log) if kind == LOG else (cosigner, other)
        public = ed25519.public_key(secret)
        fields: dict[str, Any] = {"note": note.encode().hex(), "name": signer, "key": public.hex(), "type": kind}
        try:
            origin, entries, root = audit.read_checkpoint(audit.open_note(note.encode(), signer, kind, public))
            said = ""
        except Refused as refused:
            said = str(refused)
        if not fault:
            fields |= {"origin": origin, "size": entries, "root": root.hex()}
        tests.judged(comment, flag, fault, said, **fields)

    case("signed by the log", "Signed", f"{text}\n{own}")
    case("with a stranger's signature too", "Signed", f"{text}\n{stranger}{own}")
    case("with one by another key of the same name", "Signed", f"{text}\n{same_name}{own}")
    case("with a line that nobody knows", "Signed", f"{text}extension\n\n{audit.sign(text + 'extension' + chr(10), name, log)}")
    case("cosigned", "Signed", f"{text}\n{own}{theirs}", kind=COSIGNATURE)
    case("signed by strangers only", "Refused", f"{text}\n{stranger}", "Unsigned")
    case("a cosignature is no signature of the log", "Refused", f"{text}\n{theirs}", "Unsigned")
    case("another text", "Refused", f"{moved}\n{own}", "Signature")
    case("a good and a bad signature by the key", "Refused", f"{text}\n{own}{audit.sign(moved, name, log)}", "Signature")
    mixed = audit.signature_line(cosigner, COSIGNATURE, ed25519.public_key(other), (5).to_bytes(8, "big") + bytes(64))
    case("a cosignature with another time", "Refused", f"{text}\n{late}{mixed}", "Signature", COSIGNATURE)
    case("no signature", "Refused", f"{text}\n", "Format")
    case("no empty line", "Refused", f"{text}{own}", "Format")
    case("no line feed at the end", "Refused", f"{text}\n{own}"[:-1], "Format")
    case("a hyphen for the dash", "Refused", f"{text}\n{own}".replace("\u2014", "-"), "Format")
    case("a carriage return", "Refused", f"{text}\n{own}".replace("\n7\n", "\n7\r\n"), "Format")
    for comment, odd in (
        ("a size with a leading zero", text.replace("\n7\n", "\n07\n")),
        ("a size with a sign", text.replace("\n7\n", "\n+7\n")),
        ("a root of 31 bytes", audit.checkpoint(name, size, top[:31])),
        ("the root without its padding", text.replace("=\n", "\n")),
        ("no root", f"{name}\n7\n"),
    ):
        case(comment, "Refused", f"{odd}\n{audit.sign(odd, name, log)}", "Format")
    notes = {
        "Signed": "V-AUDIT-005, V-AUDIT-006: the key has signed; what the checkpoint says",
        "Refused": "V-AUDIT-004 to V-AUDIT-006: must be refused",
    }
    return tests.document("audit_note", "spec/15-audit.md section 15.4", "spec/reference", notes)


def _proof_files() -> dict[str, Any]:
    tests = Tests()
    secret, other = seed_bytes("audit log key"), seed_bytes("audit cosigner key")
    node = ed25519.public_key(secret)
    name, n = audit_log.origin(node), len(LEAVES)
    at = [(size, audit.root(LEAVES[:size])) for size in range(n + 1)]

    def note(size: int, root: bytes | None = None, origin: str = name, key: bytes = secret) -> str:
        text = audit.checkpoint(origin, size, root or at[size][1])
        return f"{text}\n{audit.sign(text, name, key)}"

    def inclusion(comment: str, text: str, fault: str = "", entry: int = 2) -> None:
        content = f"entry {entry}".encode()
        fields: dict[str, Any] = {"kind": "inclusion", "file": text.encode().hex(), "node": node.hex(), "entry": content.hex()}
        try:
            fields["index"] = audit_proof_file.check_inclusion(text, content, node)
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, "NotIncluded" if fault else "Inclusion", fault, said, **fields)

    def consistency(comment: str, text: str, fault: str = "", old: tuple[int, bytes] | None = at[4]) -> None:
        fields: dict[str, Any] = {"kind": "consistency", "file": text.encode().hex(), "node": node.hex()}
        fields |= {"old_size": old[0], "old_root": old[1].hex()} if old else {}
        try:
            size, root = audit_proof_file.check_consistency(text, old, node)
            fields |= {"size": size, "root": root.hex()}
            said = ""
        except Refused as refused:
            said = str(refused)
        tests.judged(comment, "Inconsistent" if fault else "Consistency", fault, said, **fields)

    proof = audit.inclusion(LEAVES, 2)
    good = audit_proof_file.write_inclusion(2, proof, note(7))
    inclusion("entry 2 of 7", good)
    inclusion("the only entry: no hash", audit_proof_file.write_inclusion(0, [], note(1)), entry=0)
    inclusion("with extra data", good.replace("index", "extra AAAA\nindex"))
    inclusion("another entry", good, "Inclusion", entry=3)
    inclusion("another number", good.replace("index 2", "index 3"), "Inclusion")
    inclusion("a hash too few", audit_proof_file.write_inclusion(2, proof[:-1], note(7)), "Inclusion")
    inclusion("an older checkpoint", audit_proof_file.write_inclusion(2, proof, note(6)), "Inclusion")
    inclusion("64 hashes", audit_proof_file.write_inclusion(2, proof[:1] * 64, note(7)), "Inclusion")
    inclusion("a checkpoint signed by another key", audit_proof_file.write_inclusion(2, proof, note(7, key=other)), "Unsigned")
    bad = note(7).replace("\n7\n", "\n8\n")
    inclusion("a checkpoint that was changed", audit_proof_file.write_inclusion(2, proof, bad), "Signature")
    elsewhere = note(7, origin="vectors.example/log")
    inclusion("a checkpoint of another log, signed by the key", audit_proof_file.write_inclusion(2, proof, elsewhere), "Origin")
    for comment, odd in (
        ("65 hashes", audit_proof_file.write_inclusion(2, proof[:1] * 65, note(7))),
        ("another first line", good.replace("@v1", "@v2")),
        ("no number", good.replace("index 2\n", "")),
        ("a number with a leading zero", good.replace("index 2", "index 02")),
        ("a number with a sign", good.replace("index 2", "index +2")),
        ("a number of 65 bits", good.replace("index 2", f"index {2**64}")),
        ("a hash without its padding", good.replace("=\n", "\n", 1)),
        ("a hash of 31 bytes", audit_proof_file.write_inclusion(2, [proof[0][:31], *proof[1:]], note(7))),
        ("extra data after the number", good.replace("index 2\n", "index 2\nextra AAAA\n")),
        ("extra data twice", good.replace("index", "extra AAAA\nextra AAAA\nindex")),
        ("no empty line", good.replace("\n\n", "\n", 1).replace("\n\n", "\n")),
        ("a proof of the other kind", audit_proof_file.write_consistency(2, proof, note(7))),
    ):
        inclusion(comment, odd, "Format")

    grown = audit.consistency(LEAVES, 4)
    good = audit_proof_file.write_consistency(4, grown, note(7))
    consistency("from 4 to 7", good)
    consistency("nothing new", audit_proof_file.write_consistency(7, [], note(7)), old=at[7])
    consistency("the first time", audit_proof_file.write_consistency(0, [], note(7)), old=None)
    consistency("from another size than is known", good, "Consistency", old=at[5])
    consistency("from something, the first time", good, "Consistency", old=None)
    consistency("another tree of that size is known", good, "Consistency", old=(4, LEAVES[0]))
    consistency("back to a smaller tree", audit_proof_file.write_consistency(7, [], note(5)), "Consistency", old=at[7])
    consistency("a hash too few", audit_proof_file.write_consistency(4, grown[:-1], note(7)), "Consistency")
    consistency("a checkpoint signed by another key", audit_proof_file.write_consistency(4, grown, note(7, key=other)), "Unsigned")
    consistency("a checkpoint of another log, signed by the key", audit_proof_file.write_consistency(4, grown, elsewhere), "Origin")
    for comment, odd in (
        ("a size with a leading zero", good.replace("old 4", "old 04")),
        ("another word", good.replace("old 4", "size 4")),
        ("extra data", f"extra AAAA\n{good}"),
        ("65 hashes", audit_proof_file.write_consistency(4, grown[:1] * 65, note(7))),
        ("no checkpoint", good[: good.index("\n\n") + 2]),
    ):
        consistency(comment, odd, "Format")
    notes = {
        "Inclusion": "V-AUDIT-010: `entry` is entry `index` of the log of `node`",
        "NotIncluded": "V-AUDIT-010: must be refused",
        "Consistency": "V-AUDIT-011: the log of `node` has gone on from `old_size` and `old_root`, or from nothing, to `size` and `root`",
        "Inconsistent": "V-AUDIT-011: must be refused",
    }
    return tests.document("audit_proof_file", "spec/15-audit.md section 15.3", "spec/reference", notes)


def files() -> dict[str, dict[str, Any]]:
    return {"audit_proof": _proofs(), "audit_note": _notes(), "audit_proof_file": _proof_files()}
