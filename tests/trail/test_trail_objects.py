"""Objects of a folder or a bucket: what is a log is listed in order, what is none is said."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stanch.aws import Aws
from stanch.model.errors import BadInput, StanchError
from stanch.trail import objects
from stanch.trail.ingest import ingest
from stanch.trail.lake import Lake

from .test_trail_lake import Clock, event, ids


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        made = boto3.client("s3")
        made.create_bucket(Bucket="trail")
        yield made


def put(bucket: Any, key: str, *events: Any) -> None:
    bucket.put_object(Bucket="trail", Key=key, Body=gzip.compress(json.dumps({"Records": events}).encode(), mtime=0))


def test_objects_of_a_bucket_come_through_the_door_once(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/a.json.gz", event(1))
    put(bucket, "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/01/a.json.gz")
    put(bucket, "other/b.json.gz", event(2))
    door = Aws(role="stanch-responder", assume="auto", default_region=None).buckets()
    found, aside = objects.bucket("s3://trail/AWSLogs/", door)
    assert [one.record for one in aside] == ["AWSLogs/111122223333/CloudTrail-Digest"]
    lake = Lake(tmp_path, Clock())
    assert ingest(found, lake).objects == 1
    put(bucket, "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/b.json.gz", event(3))
    again = ingest(objects.bucket("s3://trail/AWSLogs/", door)[0], lake)
    assert (again.objects, again.known) == (1, 1)
    assert ids(tmp_path) == ["event-1", "event-3"]
    lake.close()


def test_a_bucket_that_cannot_be_read_is_an_error(bucket: Any) -> None:
    door = Aws(role="stanch-responder", assume="auto", default_region=None).buckets()
    with pytest.raises(BadInput, match="names no bucket"):
        objects.bucket("s3:///x", door)
    with pytest.raises(StanchError, match="NoSuchBucket"):
        objects.bucket("s3://nowhere/x", door)
    with pytest.raises(StanchError, match="NoSuchKey"):
        door.open("trail", "nothing")


def test_a_name_that_is_no_text_is_taken_in_once_and_told_from_one_that_looks_like_it(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for number, name in enumerate((b"a\xff.json", rb"a\xff.json", b"\xfe/b.json", b"\xfe/c.exe")):
        path = logs / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"Records": [event(number)]}))
    found, aside = objects.folder(logs)
    assert {one.name for one in found} == {r"a\xff.json", r"\xfe/b.json"}
    assert [one.record for one in aside] == [r"\xfe/c.exe"]
    lake = Lake(tmp_path / "lake", Clock())
    assert (ingest(found, lake).objects, ingest(found, lake).known) == (3, 3)
    assert ids(tmp_path / "lake") == ["event-0", "event-1", "event-2"]
    lake.close()
