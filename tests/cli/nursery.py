"""The processes behind the tests of the command line: `python nursery.py lab FOLDER`, `… plain`, `… stanch`.

Importing stanch and moto takes seconds, so each is imported once and every process that a test needs is forked from
there: a child of `lab` serves the simulated organisation as it is at the start, a child of `plain` serves moto as
anyone would, without the lab's corrections, and a child of `stanch` becomes one command. All are asked on a socket; a
nursery ends when its stdin is closed.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

SEED = 7
CONTROL = "/test/"
"""Paths under which a test speaks to the server itself; AWS has none like these."""
LAB = "/stanch-lab/"
"""Paths under which it speaks to the lab."""


def main() -> None:
    sys.path.append(str(Path(__file__).parents[2]))
    which, *rest = sys.argv[1:]
    match which:
        case "lab":
            lab(Path(rest[0]))
        case "plain":
            plain()
        case "stanch":
            from tests.warm import warm

            import stanch.cli

            warm()
            nursery(lambda asked: become(asked, stanch.cli.main))


def plain() -> None:
    """Moto's own server, with the services that are asked most imported once."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # 1,300 images that nothing here looks at
    from moto.backends import get_backend
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    import stanch.lab.serve  # noqa: F401 -- every child needs it

    for name in ("cloudtrail", "ec2", "guardduty", "iam", "scheduler", "sts"):
        get_backend(name)
    nursery(lambda asked: serve(asked, DomainDispatcherApplication(create_backend_app)))


def nursery(child: Callable[[socket.socket], None]) -> None:
    """Fork a child for every connection."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(json.dumps({"port": door.getsockname()[1]}), flush=True)
        while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
            asked, _ = door.accept()
            assert threading.active_count() == 1, "a fork keeps only one thread"
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                child(asked)
                os._exit(0)
            asked.close()


def lab(folder: Path) -> None:
    """Build the organisation once and write its simulation."""
    from stanch.lab.clock import OPENING
    from stanch.lab.run import in_process
    from stanch.lab.serve import _front

    with in_process(SEED, OPENING) as world:
        world.write(folder)
        nursery(lambda asked: serve(asked, _front(world)))


def serve(asked: socket.socket, cloud: Any) -> None:
    """Serve a simulated AWS on a free port until the test hangs up."""
    from werkzeug.serving import make_server

    from stanch.lab.serve import _Quiet

    server = make_server("127.0.0.1", 0, Watched(cloud), threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(asked, endpoint=f"http://127.0.0.1:{server.server_port}")
    asked.recv(1)  # nothing ever comes


class Watched:
    """Any AWS with every HTTP request written down, and some refused: what a wire is, whatever is behind it."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud
        self._seen: list[str] = []
        self._refused: list[list[str]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        from werkzeug.wrappers import Request, Response

        request = Request(environ)
        if request.path.startswith(CONTROL):
            return Response(json.dumps(self._control(request)), mimetype="application/json")(environ, start)
        raw = request.get_data()
        environ["wsgi.input"], body = BytesIO(raw), raw.decode("utf-8", "replace")
        if request.path.startswith(LAB):
            return self._cloud(environ, start)
        self._seen.append(_name(request, body))
        if any(all(word in body for word in words) for words in self._refused):
            return Response(DENIED, status=403, mimetype="text/xml")(environ, start)
        return self._cloud(environ, start)

    def _control(self, request: Any) -> Any:
        if request.path == f"{CONTROL}refuse":
            self._refused.append(request.get_json())
        return self._seen


DENIED = (
    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this "
    "operation.</Message></Error></Errors><RequestID>0</RequestID></Response>"
)
"""As EC2 says it."""


def _name(request: Any, body: str) -> str:
    """The operation, as far as AWS's protocols name it in the request; else method and path."""
    target = request.headers.get("X-Amz-Target", "")
    action = parse_qs(body).get("Action", [""])[0]
    return action or target.rpartition(".")[2] or f"{request.method} {request.path}"


def become(asked: socket.socket, command: Callable[[], None]) -> None:
    """Become one command: its folder, its variables and no others, its output; say how it ended."""
    with asked.makefile("r", encoding="utf-8") as lines:
        wish = json.loads(lines.readline())
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        tell(asked, code=os.waitstatus_to_exitcode(status))
        return
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["variables"])
    for number, name in ((1, wish["out"]), (2, wish["err"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.argv = ["stanch", *wish["argv"]]
    code: Any = 0
    try:
        command()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- whatever it was, the test shall see it
        import traceback

        traceback.print_exc()
        code = 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def tell(asked: socket.socket, **what: Any) -> None:
    asked.sendall(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
