"""The same finding as Security Hub hands it over, with an attacker's words where they are repeated."""

from typing import Any

from stanch.model.finding import Finding
from stanch.stages.intake import read

from ..stages.test_intake_forms import asff, ocsf  # noqa: TID252  # tests are no package
from .scene import Write


def with_words_asff(write: Write) -> Any:
    record = asff()
    record |= {
        "Title": f"Stolen {write('Title')}",
        "Description": write("Description"),
        "SourceUrl": write("SourceUrl"),
        "UserDefinedFields": {"note": write("UserDefinedFields")},
        "Note": {"Text": write("Note.Text"), "UpdatedBy": write("Note.UpdatedBy")},
        "Remediation": {"Recommendation": {"Text": write("Recommendation")}},
        "Malware": [{"Name": write("Malware")}],
        "Process": {"Name": write("Process.Name"), "Path": write("Process.Path")},
        "CompanyName": write("CompanyName"),
    }
    record["ProductFields"] |= {
        "aws/guardduty/service/action/awsApiCallAction/userAgent": write("userAgent"),
        "aws/guardduty/service/action/awsApiCallAction/affectedResources": write("affectedResources"),
        "aws/guardduty/service/additionalInfo/value": f"said: {write('additionalInfo')}",
    }
    for one in record["Resources"]:
        one["Tags"] = {write("Tags.key"): write("Tags.value")}
        one["ApplicationName"] = write("ApplicationName")
    return record


def with_words_ocsf(write: Write) -> Any:
    record = ocsf()
    record["finding_info"] |= {"title": f"Stolen {write('title')}", "desc": write("desc")}
    record |= {
        "message": write("message"),
        "comment": write("comment"),
        "status_detail": write("status_detail"),
        "unmapped": {"note": write("unmapped")},
        "enrichments": [{"name": write("enrichment"), "value": write("enrichment")}],
        "remediation": {"desc": write("remediation")},
    }
    for one in record["resources"]:
        one |= {"name": write("resource.name"), "labels": [write("label")]}
        one["tags"] = [{"name": write("tag.name"), "value": write("tag.value")}]
    first = record["evidences"][0]
    first["http_request"] = {"user_agent": write("user_agent"), "referrer": write("referrer")}
    first["query"] = {"hostname": write("hostname")}
    first["process"] = {"name": write("process"), "cmd_line": write("cmd_line")}
    return record


def one(record: Any) -> Finding:
    """The one finding that a record holds, by the real parser."""
    (found,) = read("record", record, vouched=True)
    assert isinstance(found, Finding), found
    return found
