"""The operator's own facts of the simulated organisation, in the form of `context.yaml`."""

import yaml

from stanch.lab.building import ISSUER
from stanch.lab.world import ACCOUNTS, NETWORKS, VENDOR, Place, World
from stanch.model.data import JSONObject


def facts(world: World) -> JSONObject:
    """What the operator says of himself."""
    payments, reports = world.hosts["payments-api"].instance.arn, world.hosts["reports-api"].instance.arn
    return {
        "organisation": {
            "name": "Harbour Goods",
            "accounts": [{"id": one.id, "name": one.name, "env": one.env} for one in ACCOUNTS],
        },
        "networks": {name: list(ranges) for name, ranges in NETWORKS.items()},
        "pipelines": [
            {
                "role": world.roles["deploy-storefront"].arn,
                "provider": ISSUER,
                "subject": "repo:harbourgoods/storefront:ref:refs/heads/main",
                "networks": "ci",
            }
        ],
        "partners": [{"name": VENDOR.name, "accounts": [VENDOR.id], "networks": [f"{Place.VENDOR}/32"]}],
        "break_glass": [world.users["bg-ops"].arn],
        "assets": [{"arn": arn, "tier": "production", "stateful": False} for arn in (payments, reports)],
        "sources": {"cloudtrail_management": True, "s3_data_events": False, "vpc_flow": False},
    }


def context(world: World) -> str:
    """The text of `context.yaml`."""
    return yaml.safe_dump(facts(world), sort_keys=False)
