"""The lab as a process of its own on 127.0.0.1: moto's own front for AWS clients, and `/stanch-lab` for tests."""

import json
import signal
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Thread
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from stanch.aws.answer import texts
from stanch.lab import SIMULATED, caller, flowlog, guardduty
from stanch.lab.clock import OPENING
from stanch.lab.run import Lab, in_process
from stanch.lab.scheduler import fire_due
from stanch.model.data import JSON
from stanch.model.errors import BadInput

PREFIX = "/stanch-lab/"
STOPS = (signal.SIGTERM, signal.SIGINT)
CLOCK = "clock"
"""Name of the shared clock's file in the simulation's folder."""


def serve(port: int, seed: int, now: datetime = OPENING, folder: Path | None = None) -> None:
    """Serve the organisation until SIGTERM or SIGINT; port 0 takes a free one.

    With a `folder` the simulation is written there, with a clock that other processes may move. Prints one line of
    JSON with the endpoint when ready. Runs in the main thread.
    """
    # Blocked before any thread starts, so that only `sigwait` below ever receives them.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with in_process(seed, now, clock=folder / CLOCK if folder else None) as lab:
        if folder:
            lab.write(folder)
        server = make_server("127.0.0.1", port, _front(lab), threaded=True, request_handler=_Quiet)
        _run(server)


def _run(server: BaseWSGIServer) -> None:
    thread = Thread(target=server.serve_forever)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    print(json.dumps({"endpoint": endpoint, "note": SIMULATED}), flush=True)
    signal.sigwait(STOPS)
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(MotoRequestHandler):
    """No access log: the wire has every request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _front(lab: Lab) -> WSGIApplication:
    aws = DomainDispatcherApplication(create_backend_app)

    def front(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PREFIX):
            answer: Iterable[bytes] = aws(environ, start)
            return answer
        return _control(lab, path.removeprefix(PREFIX), Request(environ))(environ, start)

    return front


def _control(lab: Lab, verb: str, request: Request) -> Response:
    body = request.get_json() if request.method == "POST" else {}
    try:
        answer = _obey(lab, verb, body)
    except (BadInput, KeyError, TypeError, ValueError) as error:
        return Response(json.dumps({"error": str(error)}), status=400, mimetype="application/json")
    return Response(json.dumps(answer), mimetype="application/json")


def _obey(lab: Lab, verb: str, body: dict[str, JSON]) -> JSON:
    wire = lab.wire
    match verb:
        case "flows":
            flowlog.deliver(*(flowlog.parse(one) for one in texts(body, "lines")))
        case "act":
            return {"error": caller.act(lab.clock, body)}
        case "requests":
            return [asdict(one) for one in wire.requests()]
        case "deny":
            wire.deny(str(body["operation"]), first=_number(body["first"]))
        case "throttle":
            wire.throttle(str(body["operation"]), _number(body["times"]), first=_number(body["first"]))
        case "clear":
            wire.clear()
        case "findings":
            guardduty.put(body)
        case "schedules":
            return [asdict(one) for one in fire_due(datetime.fromisoformat(str(body["now"])))]
        case _:
            raise BadInput(f"the lab has no control {verb!r}")
    return {}


def _number(value: JSON) -> int:
    if not isinstance(value, int):
        raise BadInput(f"{value!r} is no number of requests")
    return value
