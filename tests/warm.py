"""What a process that forks commands reads beforehand, so that none of them reads it anew; it starts no thread."""

import gc
import os


def warm() -> None:
    """SQL's lineage, actions, policies, forms of facts, the services' models, and what is imported late."""
    import boto3  # noqa: F401 -- stanch imports it late
    import dbos._sys_db_sqlite  # noqa: F401 -- DBOS imports it late
    import duckdb  # noqa: F401 -- stanch imports it late
    import sqlalchemy.dialects.sqlite  # noqa: F401 -- SQLAlchemy imports it late
    import typer.rich_utils  # noqa: F401 -- for --help

    from stanch import actions, playbooks
    from stanch.aws import Aws
    from stanch.guardrails import Guardrails
    from stanch.store import codec

    playbooks.load()
    actions.catalogue()
    Guardrails()
    for kind in codec.KINDS.values():
        codec._converter.get_structure_hook(kind)
        codec._converter.get_unstructure_hook(kind)
    os.environ.update(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_DEFAULT_REGION="eu-west-1")
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    assert Aws(role="none", assume="auto", default_region=None).simulated, "every client was made, none was used"
    gc.freeze()
