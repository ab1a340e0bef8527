"""How busy the simulated instances are: nothing runs in moto, so that a scene says what CloudWatch has measured."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moto.cloudwatch.models import cloudwatch_backends

from stanch.model.finding import Instance

PERIOD = timedelta(minutes=5)
"""Between two readings, as EC2 publishes them without detailed monitoring."""


@dataclass(frozen=True)
class Load:
    """An instance's processor, busy for a time."""

    instance: Instance
    since: datetime
    until: datetime
    percent: float


def publish(*loads: Load) -> None:
    """Put readings where EC2 publishes them, one for every five minutes."""
    for one in loads:
        kept = cloudwatch_backends[one.instance.account][one.instance.region]
        kept.put_metric_data("AWS/EC2", [_reading(one, n) for n in range((one.until - one.since) // PERIOD)])


def _reading(one: Load, n: int) -> dict[str, object]:
    return {
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "InstanceId", "Value": one.instance.id}],
        "Timestamp": (one.since + n * PERIOD).astimezone(UTC).replace(tzinfo=None),  # as moto keeps times
        "Value": one.percent,
        "Unit": "Percent",
    }
