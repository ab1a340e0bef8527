"""Digest files prove log files; what was changed, removed or not signed is named."""

import base64
import gzip
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stanch.model.errors import BadInput
from stanch.trail import digests

BASE = "AWSLogs/111122223333"


@cache
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def bucket(root: Path, hours: int = 3) -> None:
    """Logs and chained digests as CloudTrail writes them, the newest signature beside its digest."""
    previous: dict[str, Any] = dict.fromkeys(
        ("previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature")
    )
    for hour in range(hours):
        log = f"{BASE}/CloudTrail/eu-west-1/2026/03/01/{hour}.json.gz"
        content = json.dumps({"Records": [{"hour": hour}]}).encode()
        put(root / log, content)
        name = f"{BASE}/CloudTrail-Digest/eu-west-1/2026/03/01/{hour}.json.gz"
        body = {
            "digestEndTime": f"2026-03-01T{hour:02}:00:00Z",
            "digestS3Bucket": "trail",
            "digestS3Object": name,
            "previousDigestS3Bucket": "trail",
            **previous,
            "logFiles": [{"s3Bucket": "trail", "s3Object": log, "hashValue": sha256(content).hexdigest()}],
        }
        digest = json.dumps(body).encode()
        put(root / name, digest)
        signature = sign(body, digest)
        previous = {
            "previousDigestS3Object": name,
            "previousDigestHashValue": sha256(digest).hexdigest(),
            "previousDigestSignature": signature,
        }
    (root / f"{name}.signature").write_text(signature)


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content))


def sign(body: dict[str, Any], digest: bytes) -> str:
    said = "\n".join(
        (
            body["digestEndTime"],
            f"trail/{body['digestS3Object']}",
            sha256(digest).hexdigest(),
            body["previousDigestSignature"] or "null",
        )
    )
    return private().sign(said.encode(), PKCS1v15(), SHA256()).hex()


def check(root: Path) -> digests.Verified:
    return digests.verify(root, private().public_key())


def test_an_untouched_mirror_is_whole(tmp_path: Path) -> None:
    bucket(tmp_path)
    assert check(tmp_path) == digests.Verified(3, 3, 0, ())
    newest = next(tmp_path.rglob("*.signature"))
    newest.unlink()
    assert check(tmp_path) == digests.Verified(3, 3, 1, ())


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda root: put(root / f"{BASE}/CloudTrail/eu-west-1/2026/03/01/1.json.gz", b"{}"), "1.json.gz: was changed"),
        (lambda root: (root / f"{BASE}/CloudTrail/eu-west-1/2026/03/01/1.json.gz").write_bytes(b"x"), "was changed"),
        (lambda root: (root / f"{BASE}/CloudTrail/eu-west-1/2026/03/01/2.json.gz").unlink(), "2.json.gz: is not here"),
        (
            lambda root: (root / f"{BASE}/CloudTrail-Digest/eu-west-1/2026/03/01/1.json.gz").unlink(),
            "before it is not here",
        ),
        (
            lambda root: (root / f"{BASE}/CloudTrail-Digest/eu-west-1/2026/03/01/0.json.gz").write_bytes(b"x"),
            "cannot be read",
        ),
        (lambda root: next(root.rglob("*.signature")).write_text("00"), "its signature is not"),
    ],
)
def test_what_was_harmed_is_named(tmp_path: Path, harm: Any, said: str) -> None:
    bucket(tmp_path)
    harm(tmp_path)
    problems = check(tmp_path).problems
    assert any(said in one for one in problems), problems


def test_a_forged_digest_fails_by_its_signature_and_by_the_chain(tmp_path: Path) -> None:
    bucket(tmp_path)
    path = tmp_path / f"{BASE}/CloudTrail-Digest/eu-west-1/2026/03/01/0.json.gz"
    body = json.loads(gzip.decompress(path.read_bytes()))
    put(path, json.dumps({**body, "logFiles": []}).encode())
    problems = check(tmp_path).problems
    assert any("its signature is not" in one for one in problems)
    assert any("is not what the digest after it says" in one for one in problems)


def test_a_key_comes_as_pem_or_der(tmp_path: Path) -> None:
    public = private().public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    forms = (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        der,
        base64.b64encode(der),
    )
    for form in forms:
        (tmp_path / "key").write_bytes(form)
        assert digests.load_key(tmp_path / "key").public_numbers() == public.public_numbers()
    other = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    for bad in (b"nonsense", other):
        (tmp_path / "key").write_bytes(bad)
        with pytest.raises(BadInput):
            digests.load_key(tmp_path / "key")


def test_a_folder_without_digests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no digest file"):
        check(tmp_path)
