"""What the operator of the organisation says of himself, in the form of `context.yaml`."""

import yaml

from stanch.lab.organisation import addresses, names
from stanch.lab.organisation.benign.assurance import scanner_address
from stanch.lab.organisation.found import ISSUER
from stanch.lab.organisation.world import Organisation, Site, Workload
from stanch.lab.world import Host
from stanch.model.data import JSON, JSONObject


def facts(organisation: Organisation) -> JSONObject:
    """All of the operator's facts as of the end."""
    return {
        "now": f"{organisation.midnight(organisation.days).isoformat()[:19]}Z",
        "organisation": {
            "name": names.COMPANY,
            "accounts": [
                {"id": one.id, "name": one.account.name, "env": one.account.env} for one in organisation.sites
            ],
        },
        "networks": {name: list(ranges) for name, ranges in addresses.NETWORKS.items()},
        "vpc_endpoints": [net.endpoint for one in organisation.sites for net in one.networks if net.endpoint],
        "pipelines": _pipelines(organisation),
        "change_windows": _windows(organisation),
        "partners": [
            {"name": one.name, "accounts": [one.account], "networks": [f"{address}/32" for address in one.addresses]}
            for one in organisation.vendors
        ],
        "break_glass": [one.break_glass.arn for one in organisation.sites],
        "penetration_tests": [
            {"principal": one.role.arn, "from": one.start.isoformat(), "to": one.end.isoformat()}
            for one in organisation.tests
        ],
        "service_map": [flow for site in organisation.sites for one in site.workloads for flow in _flows(site, one)],
        "assets": _assets(organisation),
        "sources": {
            "cloudtrail_management": True,
            "s3_data_events": True,
            "vpc_flow": True,
            "baseline_days": organisation.days,
        },
        "resources": {host.instance.arn: {"tags": dict(host.tags)} for one in organisation.sites for host in one.hosts},
    }


def context(organisation: Organisation) -> str:
    """The text of `context.yaml`."""
    return yaml.safe_dump(facts(organisation), sort_keys=False)


def _pipelines(organisation: Organisation) -> JSON:
    return [
        {"role": one.user.arn, "networks": "ci"}
        if one.user
        else {"role": one.role.arn, "provider": ISSUER, "subject": one.subject, "networks": "ci"}
        for one in organisation.pipelines
    ]


def _windows(organisation: Organisation) -> JSON:
    """Each pipeline's weekly window of the last two weeks."""
    last = organisation.midnight(organisation.days)
    return [
        {
            "principal": (one.user or one.role).arn,
            "from": organisation.midnight(organisation.days - 7 * back).isoformat(),
            "to": min(last, organisation.midnight(organisation.days - 7 * back + 7)).isoformat(),
            "ticket": f"CHG-{1000 + n * 10 + back}",
        }
        for n, one in enumerate(organisation.pipelines)
        for back in (2, 1)
    ]


def _flows(site: Site, workload: Workload) -> list[JSON]:
    """Who may speak to a workload: the other groups of its network, on its port."""
    own = _groups(workload.hosts)
    others = [one for one in site.workloads if one.network == workload.network and one is not workload]
    return [
        {"from": source, "to": target, "ports": [workload.port]}
        for target in own
        for source in sorted({group for other in others for group in _groups(other.hosts)})
    ]


def _groups(hosts: tuple[Host, ...]) -> list[str]:
    return sorted({group for host in hosts for group in host.instance.interfaces[0].groups})


def _assets(organisation: Organisation) -> JSON:
    found: list[JSON] = []
    for site in organisation.sites:
        if site.account.env == "production":
            found += [{"arn": one.instance.arn, "tier": "production", "stateful": False} for one in site.hosts]
        found += [
            {"arn": f"arn:aws:s3:::{one.name}", "tier": "production", "stateful": True, "data": "confidential"}
            for one in site.buckets
            if one.sensitive
        ]
    scanner = scanner_address(organisation.sites[0])
    hosts = [one for one in organisation.sites[0].hosts if one.instance.interfaces[0].private_ip == scanner]
    found += [{"arn": one.instance.arn, "workload": "vulnerability-scanner"} for one in hosts]
    return found
