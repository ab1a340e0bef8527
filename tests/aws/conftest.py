"""A loopback endpoint that records what it is asked and answers as it is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

CALLER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/responder</Arn>"
    "<UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
ASSUMED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAOTHER</AccessKeyId>"
    "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
    "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


class Endpoint:
    """Answers by the name of the action; `asked` holds the parameters of every request, in order."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, str]]] = {}
        self.asked: list[dict[str, str]] = []
        self.signed_by: list[str] = []
        self.regions: list[str] = []
        self.answer("GetCallerIdentity", CALLER)
        self.answer("AssumeRole", ASSUMED)

    def answer(self, action: str, *bodies: str, status: int = 200) -> None:
        """The bodies in turn, the last one for ever."""
        self.answers[action] = [(status, body) for body in bodies]

    def fail(self, action: str, code: str, message: str, status: int = 400) -> None:
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.answer(action, f"<ErrorResponse>{error}<RequestId>r-err</RequestId></ErrorResponse>", status=status)

    def actions(self) -> list[str]:
        return [one["Action"] for one in self.asked]

    def take(self, body: str, signature: str) -> tuple[int, str]:
        asked = {key: values[0] for key, values in parse_qs(body).items()}
        self.asked.append(asked)
        key, _day, region, *_ = signature.partition("Credential=")[2].split("/")
        self.signed_by.append(key)
        self.regions.append(region)
        told = self.answers.get(asked.get("Action", ""), [(404, "")])
        return told[0] if len(told) == 1 else told.pop(0)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    told = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = told.take(body, self.headers["Authorization"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    environment(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No credentials, no region, no endpoint, no files and no metadata service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def environment(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in (
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "AKIAOWN"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
