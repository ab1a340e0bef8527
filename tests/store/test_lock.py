"""Locks between threads and processes."""

import subprocess
import sys
from threading import Event, Thread

import pytest

from stanch.model.errors import Environment
from stanch.store.lock import Turns, hold

HOLDER = """
import sys
from pathlib import Path
from stanch.store.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_that_is_held_is_refused_and_free_again_when_its_holder_was_killed(tmp_path):
    path = tmp_path / "state" / "worker.lock"
    argv = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Environment, match=r"another stanch is at work in .*state: a state folder has one worker"):
            hold(path, wait=False).__enter__()
        other.kill()
    with hold(path, wait=False):
        pass


def test_a_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(tmp_path / "lock"):
        raise ZeroDivisionError
    with hold(tmp_path / "lock", wait=False):
        pass


@pytest.mark.parametrize("shared", [True, False], ids=["with other processes", "in this process alone"])
def test_threads_take_turns_and_a_turn_within_a_turn_is_the_same(tmp_path, shared):
    turns, entered = Turns(tmp_path / "turns.lock" if shared else None), Event()

    def enter():
        with turns.one():
            entered.set()

    other = Thread(target=enter)
    with turns.one():
        other.start()
        with turns.one():
            pass
        assert not entered.wait(0.1), "the turn is over only when the outer one is"
    other.join(timeout=30)
    assert entered.is_set()


def test_a_turn_is_a_lock_that_other_processes_see(tmp_path):
    path = tmp_path / "turns.lock"
    with Turns(path).one(), pytest.raises(Environment):
        hold(path, wait=False).__enter__()
    with hold(path, wait=False):
        pass
