"""Checks a proof of a log entry. Written from the README of `proto` alone; nothing of the node's own code is used.

Usage: verify_proof.py PROOF KEY. Prints the entry's place and hash, or what does not hold, with exit code 1.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotProved(Exception):
    """Something that does not hold."""


def must(holds: bool, what: str) -> None:
    if not holds:
        raise NotProved(what)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1", left, right)


def public_key(line: str) -> tuple[str, bytes, bytes]:
    name, key_id, key = line.strip().split("+", 2)
    kind, key = b64(key)[:1], b64(key)[1:]
    must(kind == b"\1" and len(key) == 32, "the key is not ed25519")
    found = sha256(name.encode(), b"\n\1", key)[:4]
    must(found.hex() == key_id, "the key is not whole")
    return name, found, key


def checkpoint(note: str, line: str) -> dict:
    name, key_id, key = public_key(line)
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for signature in signatures.splitlines():
        if not signature.startswith(f"— {name} "):
            continue
        signed = b64(signature.rsplit(" ", 1)[1])
        if signed[:4] != key_id:
            continue
        Ed25519PublicKey.from_public_bytes(key).verify(signed[4:], text.encode())
        break
    else:
        raise NotProved("the checkpoint is not signed with this key")
    origin, size, root, _head, _time = text.splitlines()
    node, epoch = origin.rsplit("/", 1)
    must(node == name, "the checkpoint is of another node")
    return {"node": node, "epoch": int(epoch), "size": int(size), "root": b64(root)}


def fields(message: bytes) -> dict[int, int | bytes]:
    """The fields of a protocol buffers message that has varints and byte strings only."""
    found, at = {}, 0

    def varint() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        value: int | bytes = varint()
        if tag & 7 == 2:
            at, value = at + value, message[at : at + value]
        found[tag >> 3] = value
    return found


def entry_hash(entry: dict) -> bytes:
    header, content, salt = (b64(entry[name]) for name in ("header", "open", "open_salt"))
    must(len(salt) == 32, "a salt has 32 bytes")
    opened = sha256(b"lika.log.v1/part\0", len(content).to_bytes(8), salt, content)
    sealed = [bytes([part["class"]]) + b64(part["subject"]) + b64(part["commitment"]) for part in entry["sealed"]]
    must(all(len(part) == 49 for part in sealed), "a sealed part has another length")
    length, count = len(header).to_bytes(8), len(sealed).to_bytes(4)
    return sha256(b"lika.log.v1/entry\0", length, header, opened, count, *sealed)


def inclusion(hashes: list[bytes], leaf: bytes, seq: int, size: int) -> bytes:
    must(0 < seq <= size, "the entry is not in a tree of this size")
    f, s, root = seq - 1, size - 1, leaf
    for other in hashes:
        must(s != 0, "the inclusion is too long")
        if f % 2 or f == s:
            root = parent(other, root)
            while f % 2 == 0 and f:
                f, s = f >> 1, s >> 1
        else:
            root = parent(root, other)
        f, s = f >> 1, s >> 1
    must(s == 0, "the inclusion is too short")
    return root


def consistency(hashes: list[bytes], old: dict, new: dict) -> bool:
    if old["size"] == 0:
        return not hashes and old["root"] == sha256()
    if old["size"] == new["size"]:
        return not hashes and old["root"] == new["root"]
    f, s = old["size"] - 1, new["size"] - 1
    if old["size"] & f == 0:
        hashes = [old["root"], *hashes]
    must(f < s and bool(hashes), "the consistency has another shape")
    while f % 2:
        f, s = f >> 1, s >> 1
    a = b = hashes[0]
    for other in hashes[1:]:
        must(s != 0, "the consistency is too long")
        if f % 2 or f == s:
            a, b = parent(other, a), parent(other, b)
            while f % 2 == 0 and f:
                f, s = f >> 1, s >> 1
        else:
            b = parent(b, other)
        f, s = f >> 1, s >> 1
    return s == 0 and a == old["root"] and b == new["root"]


def verify(proof: dict, key: str) -> str:
    must(proof["format"] == "lika-proof/1", "it is another format")
    must(set(proof) <= {"format", "seq", "entry", "checkpoint", "inclusion", "earlier"}, "it is another format")
    now = checkpoint(proof["checkpoint"], key)
    header, hashed = fields(b64(proof["entry"]["header"])), entry_hash(proof["entry"])
    must(header[2].hex() == now["node"].removeprefix("lika/").replace("-", ""), "the entry is of another node")
    must(header[3] == now["epoch"], "the entry is of another epoch")
    must(header[4] == proof["seq"], "the entry has another number")
    hashes = [b64(text) for text in proof["inclusion"]]
    root = inclusion(hashes, sha256(b"\0", hashed), proof["seq"], now["size"])
    must(root == now["root"], "the entry does not lead to the root")
    if earlier := proof.get("earlier"):
        then = checkpoint(earlier["checkpoint"], key)
        must(then["epoch"] == now["epoch"], "the earlier checkpoint is of another epoch")
        hashes = [b64(text) for text in earlier["consistency"]]
        must(consistency(hashes, then, now), "the log does not continue the earlier checkpoint")
    return f"entry {proof['seq']} of {now['size']} is {hashed.hex()}"


def main() -> int:
    proof, key = sys.argv[1:]
    try:
        print(verify(json.loads(pathlib.Path(proof).read_text("utf-8")), key))
    except InvalidSignature:
        print("the checkpoint is not signed with this key")
    except (NotProved, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"not proved: {error}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
