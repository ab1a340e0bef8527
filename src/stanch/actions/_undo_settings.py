"""State machines that take back settings: a key's state, a bucket's public access, a function's share, one address."""

from stanch.actions._machine import jsonata, machine, read, task

_SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_NAMES = "['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets']"
_BUCKET = {"Bucket": jsonata("$it.name"), "ExpectedBucketOwner": jsonata("$it.account")}
_FUNCTION = {"FunctionName": jsonata("$it.name")}
_SET = {"Name": jsonata("$it.before.name"), "Scope": "REGIONAL", "Id": jsonata("$it.before.id")}
_OTHERS = {
    **_SET,
    "Addresses": jsonata("[$addresses[$not($ in $it.spellings)]]"),
    "LockToken": jsonata("$token"),
}

ACCESS_KEY = machine(
    ("status",),
    {
        "Keys": read(
            "iam",
            "ListAccessKeys",
            {"UserName": jsonata("$it.within")},
            status="[$states.result.AccessKeyMetadata[AccessKeyId = $it.name].Status]",
        )
    },
    todo="$status = ['Inactive'] and $it.before.status = 'Active' ? [{'do': 'Activate'}] : []",
    conflicts="$status = [] ? ['access key ' & $it.name & ' of ' & $it.within & ' is gone'] : []",
    Activate=task(
        "iam",
        "UpdateAccessKey",
        {"UserName": jsonata("$it.within"), "AccessKeyId": jsonata("$it.name"), "Status": "Active"},
    ),
)
"""I1: activates the key only if it is inactive now and was active before."""

_PUBLIC_ACCESS = read(
    "s3",
    "GetPublicAccessBlock",
    _BUCKET,
    found="true",
    on=f"[$filter({_NAMES}, function($one) {{$lookup($states.result.PublicAccessBlockConfiguration, $one)}})]",
)
# That a bucket has no such setting is an error of S3's, which no API model names: only its text tells.
_UNSET = (
    "$contains($states.errorOutput.Error & $states.errorOutput.Cause, "
    "/NoSuchPublicAccessBlock|block configuration was not found/)"
)
del _PUBLIC_ACCESS["Retry"]
_PUBLIC_ACCESS["Catch"] = [
    {
        "ErrorEquals": ["States.ALL"],
        "Assign": {
            "found": jsonata(_UNSET),
            "on": None,
            "why": jsonata("'the state cannot be read: ' & $states.errorOutput.Cause"),
        },
        "Next": "Readable",
    }
]

PUBLIC_ACCESS = machine(
    ("on",),
    {
        "Public access": _PUBLIC_ACCESS,
        "Readable": {
            "Type": "Choice",
            "Choices": [{"Condition": jsonata("$found"), "Next": "Left"}],
            "Default": "Page",
        },
    },
    todo=f"$on = {_NAMES} ? [{{'do': $it.before.on = null ? 'Delete' : 'Put'}}] : []",
    conflicts=f"$on = {_NAMES} or ($on = null and $it.before.on = null) or "
    "($on != null and $it.before.on != null and [$on] = [$it.before.on]) "
    "? [] : ['someone changed the public access block of bucket ' & $it.name]",
    Put=task(
        "s3",
        "PutPublicAccessBlock",
        {
            **_BUCKET,
            "PublicAccessBlockConfiguration": {one: jsonata(f"'{one}' in $it.before.on") for one in _SWITCHES},
        },
    ),
    Delete=task("s3", "DeletePublicAccessBlock", _BUCKET),
)
"""S1: gives back the switches that were on; deletes the setting where there was none."""

CONCURRENCY = machine(
    ("reserved",),
    {
        "Concurrency": read(
            "lambda",
            "GetFunctionConcurrency",
            _FUNCTION,
            reserved="$exists($states.result.ReservedConcurrentExecutions) "
            "? $states.result.ReservedConcurrentExecutions : null",
        )
    },
    todo="$reserved = 0 ? [{'do': $it.before.reserved = null ? 'Delete' : 'Put'}] : []",
    conflicts="$reserved = 0 or $reserved = $it.before.reserved "
    "? [] : ['someone changed the reserved concurrency of function ' & $it.name]",
    Put=task(
        "lambda",
        "PutFunctionConcurrency",
        {**_FUNCTION, "ReservedConcurrentExecutions": jsonata("$it.before.reserved")},
    ),
    Delete=task("lambda", "DeleteFunctionConcurrency", _FUNCTION),
)
"""L1: gives back what was reserved; deletes the reservation where there was none."""

# How Step Functions spells a member that begins with an abbreviation is not documented: both are read.
_IP_SET = "($exists($states.result.IPSet) ? $states.result.IPSet : $states.result.IpSet)"
ADDRESS = machine(
    ("name", "id"),
    {
        "Set": read(
            "wafv2",
            "GetIPSet",
            _SET,
            addresses=f"[{_IP_SET}.Addresses]",
            description=f"{_IP_SET}.Description & ''",
            token="$states.result.LockToken",  # noqa: S106  # an expression
        )
    },
    todo="$count($addresses[$ in $it.spellings]) > 0 ? [{'do': $description = '' ? 'Update' : 'Describe'}] : []",
    Update=task("wafv2", "UpdateIPSet", _OTHERS),
    Describe=task("wafv2", "UpdateIPSet", {**_OTHERS, "Description": jsonata("$description")}),
)
"""N1: takes our one address out of our own set, with the lock token that was read just before."""
