"""The only door to AWS: one place that reads, one that writes, and the offline truth about AWS's API."""

from stanch.aws.door import Aws

__all__ = ["Aws"]
