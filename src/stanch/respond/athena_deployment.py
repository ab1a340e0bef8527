"""What the worker's own role needs to ask a copy of the trail through Athena, and nothing more: no table is made."""

from collections.abc import Iterable

from stanch.model.data import JSON, JSONObject
from stanch.settings import AthenaTable

VERSION = "2012-10-17"


def athena_policy(asked: AthenaTable, *, partition: str) -> JSONObject:
    """The identity policy beside the worker's others."""
    desks = asked.desks or f"{asked.data.rstrip('/')}/desks"
    glue = f"arn:{partition}:glue:*:*"
    tables: list[JSON] = [
        f"{glue}:catalog",
        f"{glue}:database/{asked.database}",
        f"{glue}:table/{asked.database}/*",
    ]
    work: list[JSON] = ["StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "GetQueryResults"]
    statements: list[JSON] = [
        _allow(
            "AskAthena", [f"athena:{one}" for one in work], [f"arn:{partition}:athena:*:*:workgroup/{asked.workgroup}"]
        ),
        _allow("SeeTheTables", ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"], tables),
        _allow("ReadTheCopy", ["s3:GetObject"], [f"{_arn(asked.data, partition)}/*"]),
        _allow(
            "FindTheCopy",
            ["s3:ListBucket", "s3:GetBucketLocation"],
            _buckets((asked.data, asked.answers, desks), partition),
        ),
        _allow(
            "LeaveAnswers",
            ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
            [f"{_arn(asked.answers, partition)}/*"],
        ),
        _allow("WriteTheTablesOfCases", ["s3:GetObject", "s3:PutObject"], [f"{_arn(desks, partition)}/*"]),
    ]
    return {"Version": VERSION, "Statement": statements}


def _allow(sid: str, actions: list[JSON], resources: list[JSON]) -> JSONObject:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _arn(url: str, partition: str) -> str:
    return f"arn:{partition}:s3:::{url.removeprefix('s3://').rstrip('/')}"


def _buckets(urls: Iterable[str], partition: str) -> list[JSON]:
    names = dict.fromkeys(url.removeprefix("s3://").partition("/")[0] for url in urls)
    return [f"arn:{partition}:s3:::{name}" for name in names]
