"""Events a second and memory of the traffic generator, each size in a process of its own.

    .venv/bin/python bench/traffic.py [--sizes 10x10,10x40,40x10]

A size is accounts x days. Seconds are of the processor, so that other work on the machine counts less.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from stanch.lab.organisation import Order, generate

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def main() -> None:
    """Print a Markdown table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10x10,10x40,40x10")
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(_measure(given.one)))
        return
    print("| accounts x days | events | events/s and core | flows | findings | gzipped bytes an event | memory, MB |")
    print("|---|---|---|---|---|---|---|")
    for size in given.sizes.split(","):
        done = subprocess.run([sys.executable, __file__, "--one", size], check=True, capture_output=True, text=True)
        row = json.loads(done.stdout)
        print(
            f"| {size} | {row['events']:,} | {row['events'] / row['seconds']:,.0f} | {row['flows']:,} "
            f"| {row['findings']} | {row['bytes'] / row['events']:.0f} | {row['memory']:.0f} |",
            flush=True,
        )


def _measure(size: str) -> dict[str, float]:
    accounts, days = (int(one) for one in size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        tally = generate(Path(folder) / "out", Order(accounts, days, 7), NOW).tally
        seconds = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "events": tally.events,
        "flows": tally.flows,
        "findings": tally.findings,
        "bytes": tally.bytes,
        "seconds": seconds,
        "memory": memory,
    }


if __name__ == "__main__":
    main()
