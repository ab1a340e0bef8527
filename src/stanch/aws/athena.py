"""Questions to Athena: started, watched, stopped, read; and the small objects that they join."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from stanch.aws.faults import from_answer, from_transport

PAGE = 1000
"""Rows in one answer of GetQueryResults, at most."""


@dataclass(frozen=True)
class Progress:
    """How far a query is."""

    state: str
    """QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
    reason: str
    scanned: int
    """Bytes read so far: what is paid for."""


@dataclass(frozen=True)
class Queries:
    """Athena as the caller's own credentials may use it; every method raises one of stanch's errors."""

    client: Callable[[], BaseClient]
    """botocore's client for Athena; may raise botocore's errors."""
    store: Callable[[], BaseClient]
    """botocore's client for S3."""

    def start(self, sql: str, values: Sequence[str], *, database: str, workgroup: str, output: str) -> str:
        """Start a query, with one SQL literal for each `?`; its id. Empty output: where the workgroup says."""
        more: dict[str, Any] = {"ExecutionParameters": list(values)} if values else {}
        if output:
            more["ResultConfiguration"] = {"OutputLocation": output}
        answer = _ask(
            self.client,
            "athena:StartQueryExecution",
            lambda athena: athena.start_query_execution(
                QueryString=sql, QueryExecutionContext={"Database": database}, WorkGroup=workgroup, **more
            ),
        )
        return str(answer["QueryExecutionId"])

    def progress(self, query: str) -> Progress:
        """How far it is."""
        answer = _ask(
            self.client,
            "athena:GetQueryExecution",
            lambda athena: athena.get_query_execution(QueryExecutionId=query),
        )["QueryExecution"]
        status = answer["Status"]
        scanned = answer.get("Statistics", {}).get("DataScannedInBytes", 0)
        return Progress(str(status["State"]), str(status.get("StateChangeReason", "")), int(scanned))

    def stop(self, query: str) -> None:
        """Stop it; what it has read so far is paid for."""
        _ask(
            self.client, "athena:StopQueryExecution", lambda athena: athena.stop_query_execution(QueryExecutionId=query)
        )

    def pages(self, query: str) -> Iterator[tuple[list[tuple[str, str]], list[list[str | None]]]]:
        """The answer, page by page: names and types of the columns, and rows of text; the first row is the heading."""
        token = ""
        while True:
            answer = self._page(query, token)
            said = answer["ResultSet"]
            columns = [(str(one["Name"]), str(one["Type"])) for one in said["ResultSetMetadata"]["ColumnInfo"]]
            yield columns, [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in said["Rows"]]
            token = str(answer.get("NextToken") or "")
            if not token:
                return

    def _page(self, query: str, token: str) -> Any:
        more = {"NextToken": token} if token else {}
        return _ask(
            self.client,
            "athena:GetQueryResults",
            lambda athena: athena.get_query_results(QueryExecutionId=query, MaxResults=PAGE, **more),
        )

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write one small object."""
        _ask(self.store, "s3:PutObject", lambda s3: s3.put_object(Bucket=bucket, Key=key, Body=body))


def _ask(client: Callable[[], Any], call: str, send: Callable[[Any], Any]) -> Any:
    try:
        return send(client())
    except ClientError as error:
        raise from_answer(call, error) from error
    except BotoCoreError as error:
        raise from_transport(call, error) from error
