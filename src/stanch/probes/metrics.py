"""How busy an instance's processor was, as CloudWatch measured it from outside the instance.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
"""

from collections.abc import Sequence
from datetime import datetime

from stanch.aws.answer import rows
from stanch.model.data import JSON, JSONObject
from stanch.model.ports import Reader

PROCESSOR = "CPUUtilization"
PERIOD = 300
"""Seconds of one reading: what EC2 publishes without detailed monitoring."""


def processor(reader: Reader, instance: str, since: datetime, until: datetime) -> tuple[tuple[str, float], ...]:
    """Times and averages of five minutes, in per cent, between two times (UTC); none where there was no measuring.

    Raises FailedResponse when AWS says no, Environment when it cannot be asked.
    """
    found = reader.read(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=[_wanted(instance)],
        StartTime=since.isoformat(),
        EndTime=until.isoformat(),
        ScanBy="TimestampAscending",
    )
    return tuple(one for row in rows(found, "MetricDataResults") for one in _readings(row))


def _wanted(instance: str) -> JSONObject:
    metric: JSONObject = {
        "Namespace": "AWS/EC2",
        "MetricName": PROCESSOR,
        "Dimensions": [{"Name": "InstanceId", "Value": instance}],
    }
    return {"Id": "processor", "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": "Average"}}


def _readings(row: JSONObject) -> list[tuple[str, float]]:
    times, values = _list(row.get("Timestamps")), _list(row.get("Values"))
    pairs = zip(times, values, strict=True)
    return [(str(time), float(value)) for time, value in pairs if isinstance(value, int | float)]


def _list(value: JSON) -> Sequence[JSON]:
    return value if isinstance(value, list) else ()
