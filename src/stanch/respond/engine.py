"""Durable execution on DBOS: the only place that knows it.

What DBOS keeps is an execution log; what happened is in our journal. Steps run at least once: each one looks into the
journal first. A revert is a workflow of its own, enqueued with a delay before the containment's first call and free of
any version, so that an upgraded stanch still runs it (https://docs.dbos.dev/python/reference/queues).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import create_engine, event

from stanch.model.errors import Environment
from stanch.respond import containments
from stanch.respond.edge import run
from stanch.respond.house import House
from stanch.respond.record import Record
from stanch.store.database import configure
from stanch.store.lock import hold

WALK, REVERT, REVERTS = "stanch.walk", "stanch.revert", "stanch.reverts"
VERSION = "1"
"""Version of the order of steps in a walk; pinned, so that an upgrade that keeps the order resumes old walks."""
EXECUTOR = "stanch"
"""One worker a database: a restarted worker has its predecessor's name and takes over its walks."""
UNFINISHED = ["PENDING", "ENQUEUED"]

PATIENCE = 10
"""Seconds that a walk or revert under way gets to end when the engine stops."""
_RUNNING: list[House] = []
"""The house of the engine in this process: DBOS is one to a process, and its workflows are module functions."""


class Engine:
    """The durability port on DBOS; one at a time in a process."""

    def start(self, case: str, round: int) -> None:
        """Run the walk of this round, or wait for the resumed one, to its end."""
        with SetWorkflowID(f"walk/{case}/{round}"):
            DBOS.start_workflow(_walk, case, round).get_result()

    def step(self, name: str, do: Callable[[], None]) -> None:
        """Run a step of the current walk and checkpoint it."""
        DBOS.run_step({"name": name}, do)

    def arm(self, containment: str, at: datetime) -> None:
        """Enqueue the revert, delayed until its time by the wall clock; the sweep goes by the house's clock."""
        delay = max(0.0, (at - house().now()).total_seconds())
        DBOS.enqueue_workflow_with_options(
            {
                "workflow_name": REVERT,
                "queue_name": REVERTS,
                "workflow_id": f"revert/{containment}",
                "delay_seconds": delay,
            },
            containment,
        )

    def disarm(self, containment: str) -> None:
        """Forget the revert; where the timer fires first, the journal's key decides."""
        DBOS.cancel_workflow(f"revert/{containment}")

    def pending(self) -> tuple[str, ...]:
        """Ids of walks that have not ended."""
        found = DBOS.list_workflows(name=WALK, status=UNFINISHED, load_input=False, load_output=False)
        return tuple(one.workflow_id for one in found)

    def take_over(self) -> None:
        """Wait until the walks that a predecessor left are at their end; DBOS resumes them at launch."""
        for walk in self.pending():
            DBOS.retrieve_workflow(walk).get_result()


@contextmanager
def engine(in_house: House) -> Iterator[Engine]:
    """Launch the engine on the house's database; on the way out it stops, and what waits stays in the database.

    Environment when another process has one there: it would take this one's walks for a dead predecessor's.
    """
    if _RUNNING:
        raise Environment("an engine is running in this process already")
    with hold(in_house.settings.state / "worker.lock", wait=False):
        _RUNNING.append(in_house)
        database = create_engine(in_house.database.url, connect_args={"check_same_thread": False, "timeout": 30})
        event.listen(database, "connect", configure)
        config: DBOSConfig = {
            "name": "stanch",
            "system_database_url": in_house.database.url.render_as_string(hide_password=False),
            "system_database_engine": database,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        patience = PATIENCE
        try:
            DBOS(config=config)
            DBOS.launch()
            DBOS.register_queue(REVERTS, worker_concurrency=1, on_conflict="always_update")
            yield Engine()
            if not DBOS.list_workflows(status="PENDING", load_input=False, load_output=False):
                patience = 0  # DBOS would first sleep a second, and then look whether anything is running
        finally:
            DBOS.destroy(workflow_completion_timeout_sec=patience)
            database.dispose()
            _RUNNING.clear()


def house() -> House:
    """The house of the running engine."""
    if not _RUNNING:
        raise Environment("no engine is running in this process")
    return _RUNNING[0]


@DBOS.workflow(name=WALK)
def _walk(case: str, round: int) -> None:
    run(Record(house(), Engine(), case, round))


@DBOS.workflow(name=REVERT)
def _revert(containment: str) -> None:
    DBOS.run_step({"name": "revert"}, lambda: containments.revert_if_due(house(), containment))
