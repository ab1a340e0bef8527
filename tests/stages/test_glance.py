"""One look at AWS: equal questions are asked once, whoever asks, and errors are answers too."""

from threading import Barrier
from typing import Any

import pytest

from stanch.model.abreast import each
from stanch.model.data import JSON, JSONObject
from stanch.model.errors import Denied
from stanch.stages.plan import glance


class Counting:
    """Answers with the number of the question; `Secret` is denied."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, JSON]]] = []

    def read(self, service: str, operation: str, **params: JSON) -> JSONObject:
        self.asked.append((service, operation, params))
        if operation == "Secret":
            raise Denied(f"{service}:{operation}", "AccessDenied", "not you")
        return {"number": len(self.asked)}


def look() -> tuple[Counting, Any]:
    source = Counting()
    reader_of = glance(lambda _account, _region: source)
    return source, reader_of


def test_equal_questions_are_asked_once_and_others_not_mixed_up() -> None:
    source, reader_of = look()
    reader = reader_of("111122223333", "eu-west-1")
    assert reader.read("ec2", "Describe", a=1, b=[2]) == reader.read("ec2", "Describe", b=[2], a=1) == {"number": 1}
    assert reader.read("ec2", "Describe", a=2) == {"number": 2}
    assert reader.read("iam", "Describe", a=2) == {"number": 3}
    assert len(source.asked) == 3


def test_accounts_and_regions_are_looked_at_apart() -> None:
    source, reader_of = look()
    for place in (("111122223333", "eu-west-1"), ("111122223333", "us-east-1"), ("444455556666", "eu-west-1")) * 2:
        reader_of(*place).read("ec2", "Describe")
    assert len(source.asked) == 3


def test_an_error_is_an_answer_to_all_who_asked() -> None:
    source, reader_of = look()
    for _ in range(2):
        with pytest.raises(Denied, match="not you"):
            reader_of("111122223333", "").read("iam", "Secret")
    assert len(source.asked) == 1


def test_those_who_ask_at_the_same_time_share_the_answer() -> None:
    source, reader_of = look()
    reader, meeting = reader_of("111122223333", ""), Barrier(8, timeout=20)

    def ask() -> JSONObject:
        meeting.wait()
        answer: JSONObject = reader.read("ec2", "Describe")
        return answer

    assert each([ask] * 8) == ({"number": 1},) * 8
    assert len(source.asked) == 1
