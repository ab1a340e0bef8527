"""CloudTrail's digest files: whether the log files beside them are whole, unchanged, and signed by AWS.

A digest holds the SHA-256 of each log file of its hour, and of the digest before it. Its own RSA signature is kept by
S3 as metadata, and again in the digest after it: so in a folder every digest but the newest can be proved. The newest
can, too, where its signature (hex) stands beside it as `NAME.signature`.
"""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from stanch.model.data import JSONObject
from stanch.model.errors import BadInput
from stanch.model.text import shown

FOLDER = "CloudTrail-Digest"


@dataclass(frozen=True)
class Verified:
    """What the digests of a folder prove."""

    digests: int
    files: int
    """Log files whose hash is as the digests say."""
    unsigned: int
    """Digests whose signature is not in the folder."""
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Digest:
    name: str
    content: bytes
    body: JSONObject
    beside: str | None

    def text(self, field: str) -> str:
        found = self.body.get(field)
        return found if isinstance(found, str) else ""


def load_key(path: Path) -> RSAPublicKey:
    """An RSA public key: PEM, or DER as `aws cloudtrail list-public-keys` gives it (base64 or raw). Raises BadInput."""
    try:
        data = path.read_bytes()
        if data.lstrip().startswith(b"-----"):
            key = load_pem_public_key(data)
        else:
            key = load_der_public_key(data if data[:1] == b"0" else base64.b64decode(data, validate=False))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: not a public key: {error}") from error
    if not isinstance(key, RSAPublicKey):
        raise BadInput(f"{path}: not an RSA public key")
    return key


def verify(root: Path, key: RSAPublicKey) -> Verified:
    """Check every digest under a folder that mirrors the bucket. Raises BadInput when there is none."""
    problems: list[str] = []
    digests = list(_read(root, problems))
    if not digests and not problems:
        raise BadInput(f"{root}: no digest file (folder {FOLDER}) in it")
    after = {one.text("previousDigestS3Object"): one for one in digests if one.text("previousDigestS3Object")}
    names = {one.text("digestS3Object"): one for one in digests}
    files = unsigned = 0
    for one in digests:
        signature = one.beside or (
            following.text("previousDigestSignature") if (following := after.get(one.text("digestS3Object"))) else ""
        )
        unsigned += not signature
        if signature and not _signed(one, signature, key):
            problems.append(f"{one.name}: its signature is not that of this key over this content")
        problems += _chain(one, names)
        good, bad = _logs(one, root)
        files += good
        problems += bad
    return Verified(len(digests), files, unsigned, tuple(problems))


def _read(root: Path, problems: list[str]) -> Iterator[_Digest]:
    for path in sorted(root.rglob("*.json.gz")):
        if FOLDER not in path.relative_to(root).parts:
            continue
        name = shown(path.relative_to(root))
        beside = path.with_name(f"{path.name}.signature")
        try:
            content = gzip.decompress(path.read_bytes())
            body = json.loads(content)
            if not isinstance(body, dict):
                raise ValueError("not an object")  # noqa: TRY004, TRY301 - one way to say that it is broken
            yield _Digest(name, content, body, beside.read_text("ascii").strip() if beside.exists() else None)
        except (OSError, EOFError, ValueError) as error:
            problems.append(f"{name}: cannot be read: {error}")


def _signed(one: _Digest, signature: str, key: RSAPublicKey) -> bool:
    place = f"{one.text('digestS3Bucket')}/{one.text('digestS3Object')}"
    before = one.text("previousDigestSignature") or "null"
    said = f"{one.text('digestEndTime')}\n{place}\n{sha256(one.content).hexdigest()}\n{before}"
    try:
        key.verify(bytes.fromhex(signature), said.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _chain(one: _Digest, names: Mapping[str, _Digest]) -> Sequence[str]:
    previous = one.text("previousDigestS3Object")
    if not previous:
        return ()
    before = names.get(previous)
    if before is None:
        return (
            ()
            if one.name == min(digest.name for digest in names.values())
            else (f"{one.name}: the digest before it is not here: {previous}",)
        )
    if sha256(before.content).hexdigest() != one.text("previousDigestHashValue"):
        return (f"{before.name}: is not what the digest after it says",)
    return ()


def _logs(one: _Digest, root: Path) -> tuple[int, list[str]]:
    listed = one.body.get("logFiles")
    problems: list[str] = []
    good = 0
    for said in listed if isinstance(listed, list) else []:
        place = str(said.get("s3Object")) if isinstance(said, dict) else "?"
        path = (root / place).resolve()
        if not path.is_relative_to(root.resolve()) or not path.is_file():
            problems.append(f"{place}: is not here, but {one.name} lists it")
        elif not isinstance(said, dict) or _inflated(path) != said.get("hashValue"):
            problems.append(f"{place}: was changed: its hash is not that of {one.name}")
        else:
            good += 1
    return good, problems


def _inflated(path: Path) -> str:
    found = sha256()
    try:
        with gzip.open(path) as stream:
            while data := stream.read(1 << 20):
                found.update(data)
    except (OSError, EOFError):
        return ""
    return found.hexdigest()
