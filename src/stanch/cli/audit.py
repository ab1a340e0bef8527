"""`stanch audit`: prove that the journal is whole."""

from pathlib import Path

import typer

from stanch.cli import screen
from stanch.cli.common import UNVERIFIED, Json, settings
from stanch.model.errors import BadInput
from stanch.store import checkpoint
from stanch.store.database import open_database
from stanch.store.verify import Verification, verify

app = typer.Typer(help="The audit trail: verify.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Keep `verify` a subcommand: more of them are to come."""


@app.command("verify")
def verify_(*, json: Json = False) -> None:
    """Check every row's hash, order and signed checkpoint; exit code 5 names the first row that is wrong."""
    chosen = settings()
    path = chosen.state / "stanch.db"
    if not path.exists():
        raise BadInput(f"there is no journal in {chosen.state}: nothing was ever run here, or it is gone")
    result = _verify(path, chosen.state / "checkpoint.key", Path(chosen.checkpoints))
    if json:
        screen.emit(
            {
                "ok": not result.problem,
                "rows": result.rows,
                "checkpoints": result.checkpoints,
                "problem": result.problem,
            }
        )
    elif result.problem:
        screen.complain(f"the journal is not whole: {result.problem}")
    else:
        screen.say(f"whole: {result.rows} rows under {result.checkpoints} signed checkpoints", "green")
    raise typer.Exit(UNVERIFIED if result.problem else 0)


def _verify(path: Path, key: Path, notes: Path) -> Verification:
    if not key.exists():
        return Verification(0, 0, f"the checkpoint key {key} is gone: nothing can be proved")
    try:
        signed = checkpoint.read(notes, checkpoint.load_key(key).public_key())
    except BadInput as error:
        return Verification(0, 0, f"{notes}: {error}")
    with open_database(path).begin() as connection:
        return verify(connection, signed)
