"""Objects of S3 buckets, only read: a list, and the bytes of one."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from stanch.aws.faults import from_answer, from_transport


@dataclass(frozen=True)
class Buckets:
    """The buckets that the caller's own credentials may read."""

    client: Callable[[], BaseClient]
    """botocore's client for S3; may raise botocore's errors."""

    def list(self, bucket: str, prefix: str) -> Iterator[tuple[str, int, str]]:
        """Key, size and ETag of each object under a prefix; raises one of stanch's errors."""
        call = "s3:ListObjectsV2"
        try:
            for page in self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for one in page.get("Contents", ()):
                    yield str(one["Key"]), int(one["Size"]), str(one["ETag"]).strip('"')
        except ClientError as error:
            raise from_answer(call, error) from error
        except BotoCoreError as error:
            raise from_transport(call, error) from error

    def open(self, bucket: str, key: str) -> BinaryIO:
        """An object's bytes as stored; raises one of stanch's errors."""
        call = "s3:GetObject"
        try:
            client: Any = self.client()
            return io.BytesIO(client.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            raise from_answer(call, error) from error
        except BotoCoreError as error:
            raise from_transport(call, error) from error
