"""Signed checkpoints of the journal, kept outside the database, in the C2SP tlog-checkpoint form.

A checkpoint says: at this size the last row had this hash. https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note
"""

import base64
import binascii
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stanch.model.errors import BadInput, Environment

ORIGIN = "stanch.journal"
_ED25519 = b"\x01"


@dataclass(frozen=True)
class Checkpoint:
    """One signed statement about the journal."""

    size: int
    root: str
    """Hash of row `size`, hex."""
    time: str
    """When it was signed, ISO 8601 UTC."""


def load_key(path: Path) -> Ed25519PrivateKey:
    """The signing key of this state folder; made on first use, readable by its owner alone."""
    if not path.exists():
        _make_key(path)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise Environment(f"{path} is not an Ed25519 key")
    return loaded


def _make_key(path: Path) -> None:
    """Written beside it, then linked: a process that dies here leaves no half a key, and of two one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor, name = mkstemp(dir=path.parent, prefix=f"{path.name}.")  # 0600; threads of one process share a pid
    fresh = Path(name)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()


def write(file: Path, key: Ed25519PrivateKey, *, size: int, root: str, time: datetime) -> None:
    """Sign and append a checkpoint; it is on the disk when this returns."""
    note = f"{ORIGIN}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n{time.isoformat()}\n"
    signature = base64.b64encode(_key_id(key.public_key()) + key.sign(note.encode())).decode()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("a", encoding="utf-8") as out:
        out.write(f"{note}\n— {ORIGIN} {signature}\n")
        out.flush()
        os.fsync(out.fileno())


def read(file: Path, key: Ed25519PublicKey) -> tuple[Checkpoint, ...]:
    """All checkpoints, oldest first; BadInput names the first whose form or signature is wrong."""
    if not file.exists():
        return ()
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(_one(lines[start : start + 6], start + 1, key) for start in range(0, len(lines), 6))


def _one(lines: list[str], number: int, key: Ed25519PublicKey) -> Checkpoint:
    try:
        origin, size, root, time, blank, signature = lines
        dash, name, signed = signature.split(" ")
        raw = base64.b64decode(signed, validate=True)
        shaped = (dash, name, origin, blank) == ("—", ORIGIN, ORIGIN, "") and raw[:4] == _key_id(key)
        checkpoint = Checkpoint(int(size), base64.b64decode(root, validate=True).hex(), time)
    except (ValueError, binascii.Error) as error:
        raise BadInput(f"checkpoint at line {number} is not one: {error}") from error
    if not shaped:
        raise BadInput(f"checkpoint at line {number} was not made by this key")
    try:
        key.verify(raw[4:], "\n".join([*lines[:4], ""]).encode())
    except InvalidSignature as error:
        raise BadInput(f"checkpoint at line {number} has a wrong signature") from error
    return checkpoint


def _key_id(key: Ed25519PublicKey) -> bytes:
    public = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + public).digest()[:4]
