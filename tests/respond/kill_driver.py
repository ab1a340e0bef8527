"""The processes that the kill tests start, stop and kill: `python kill_driver.py lab FOLDER` and `… stanch`.

Importing stanch, moto and DBOS takes seconds, so each of the two is imported once and every process that a test needs
is forked from there: a child of `lab` serves a simulated AWS of its own, a child of `stanch` runs one command of the
command line and dies where it was told to. Both are asked on a socket; the nursery ends when its stdin is closed.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

SEED = 7
Child = Callable[[socket.socket], None]


def main() -> None:
    sys.path.append(str(Path(__file__).parents[2]))
    which, *rest = sys.argv[1:]
    if which == "lab":
        lab(Path(rest[0]))
    else:
        import stanch.cli

        warm_up()
        nursery(lambda asked: supervise(asked, stanch.cli.main))


def warm_up() -> None:
    """Read once, for all children, what never changes: what a process keeps, and the shelves. It starts no thread."""
    from tests.warm import warm

    from stanch.respond import house

    for name, given in (("load", {"own": None}), ("postures", {}), ("catalogue", {})):
        known = cache(getattr(house, name))
        known(**given)
        setattr(house, name, known)
    warm()


def nursery(child: Child) -> None:
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
    """Build the organisation once, write its simulation; every child serves a copy of it, as it was at the start."""
    from werkzeug.serving import make_server

    from stanch.lab.clock import OPENING
    from stanch.lab.run import in_process
    from stanch.lab.serve import _front, _Quiet

    with in_process(SEED, OPENING) as world:
        world.write(folder)

        def serve(asked: socket.socket) -> None:
            server = make_server("127.0.0.1", 0, _front(world), threaded=True, request_handler=_Quiet)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            tell(asked, endpoint=f"http://127.0.0.1:{server.server_port}")
            asked.recv(1)  # nothing ever comes: the test hangs up

        nursery(serve)


def supervise(asked: socket.socket, command: Callable[[], None]) -> None:
    """Run one command in a process of its own and say how it ended; says first where it stands still, if it does."""
    with asked.makefile("r", encoding="utf-8") as lines:
        wish = json.loads(lines.readline())
        mine, theirs = socket.socketpair()
        worker = os.fork()
        if worker == 0:
            mine.close()
            obey(wish, command, theirs)
        theirs.close()
        if mine.recv(1):  # nothing comes from a process that never stands still
            tell(asked, standing=True)
            lines.readline()
            mine.sendall(b".")
        _, status = os.waitpid(worker, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    tell(asked, killed=killed, code=0 if killed else os.WEXITSTATUS(status))


def obey(wish: dict[str, Any], command: Callable[[], None], above: socket.socket) -> None:
    """Become the command: its folder, variables, output; then run it with the knives in place."""
    os.chdir(wish["folder"])
    os.environ.update(wish["variables"])
    output = Path(wish["output"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(output / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    one_after_the_other(backwards=wish["backwards"])
    lay_knives(Knife(output / "moments", above, wish["kind"], wish["kill"], wish["stop"]))
    if not wish["sweeping"]:
        from stanch.respond import containments

        containments.sweep = lambda _: ()
    sys.argv = ["stanch", *wish["argv"]]
    code = 0
    try:
        command()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:  # noqa: BLE001 -- whatever it was, the test must see it
        traceback.print_exc()
        code = 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def one_after_the_other(*, backwards: bool) -> None:
    """What goes side by side has its moments in the same order every time: its own, or the opposite one."""
    from stanch.model import abreast

    def in_turn(work: Any) -> Any:
        ordered = list(reversed(work)) if backwards else list(work)
        done = [one() for one in ordered]
        return tuple(reversed(done)) if backwards else tuple(done)

    abreast._at_once = in_turn
    abreast._pool = lambda _: nullcontext()  # type: ignore[assignment]


class Knife:
    """Counts the moments at which something has just become durable, here or in AWS, and strikes at one of them."""

    def __init__(self, names: Path, above: socket.socket, kind: str, kill: int, stop: int) -> None:
        self._names = os.open(names, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._above, self._kind, self._kill, self._stop = above, kind, kill, stop
        self._count = 0
        self._lock = threading.Lock()

    def note(self, name: str) -> None:
        """What is no moment of its own, but good to know."""
        os.write(self._names, f"{name}\n".encode())

    def moment(self, name: str) -> None:
        """`journalled Intended`, `sent ec2:CreateSnapshots`, …; only those that begin with `kind` count.

        `about …` is told before the thing is done, and only to who asks for it: nothing has become durable.
        """
        if name.startswith("about") and not self._kind.startswith("about"):
            return
        with self._lock:
            self.note(name)
            if not name.startswith(self._kind):
                return
            self._count += 1
            if self._count == self._kill:
                os.kill(os.getpid(), signal.SIGKILL)
            stop = self._count == self._stop
        if stop:  # this thread; the others, and with them the engine's timers, go on
            self._above.sendall(b".")
            self._above.recv(1)


def lay_knives(knife: Knife) -> None:
    """Wrap what makes something durable."""
    _in_the_journal_and_aws(knife)
    _in_the_checkpoints(knife)
    _in_the_engine(knife)


def _in_the_journal_and_aws(knife: Knife) -> None:
    from stanch.aws import Aws
    from stanch.respond.house import House

    write, call = House.write, Aws.call

    def written(house: House, body: Any, **where: Any) -> Any:
        fact, new = write(house, body, **where)
        if new:
            knife.moment(f"journalled {type(body).__name__}")
        return fact, new

    def called(aws: Aws, asked: Any, **where: Any) -> Any:
        knife.moment(f"about to send {asked.name}")
        receipt = call(aws, asked, **where)
        knife.moment(f"sent {asked.name}")
        return receipt

    House.write, Aws.call = written, called  # type: ignore[method-assign]


def _in_the_checkpoints(knife: Knife) -> None:
    from stanch.store import checkpoint

    sign = checkpoint.write

    def signed(*what: Any, **named: Any) -> None:
        sign(*what, **named)
        knife.moment("signed")

    class Files:
        """The operating system, as the checkpoints see it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def open(self, *what: Any) -> int:
            opened = os.open(*what)
            knife.moment("opened a new key")
            return opened

    checkpoint.write, checkpoint.os = signed, Files()  # type: ignore[attr-defined]


def _in_the_engine(knife: Knife) -> None:
    from stanch.respond import containments, engine
    from stanch.store import lock

    run, step, arm = engine.run, engine.Engine.step, engine.Engine.arm
    due, hold = containments.revert_if_due, lock.hold

    def begun(record: Any) -> None:
        knife.moment("begun")
        run(record)

    def stepped(self: Any, name: str, do: Any) -> None:
        step(self, name, do)
        knife.moment(f"checkpointed {name.partition('/')[0]}")

    def armed(self: Any, *what: Any) -> None:
        arm(self, *what)
        knife.moment("armed")

    def fired(*what: Any) -> None:
        knife.note("timer fired")
        due(*what)

    def held(path: Path) -> Any:
        knife.moment("about to take a turn")
        return hold(path)

    engine.run, engine.Engine.step, engine.Engine.arm = begun, stepped, armed  # type: ignore[method-assign]
    containments.revert_if_due, lock.hold = fired, held  # type: ignore[assignment]


def tell(asked: socket.socket, **what: Any) -> None:
    asked.sendall(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing to take down: every child is its own process
