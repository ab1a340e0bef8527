import pytest

from stanch.model.errors import BadInput
from stanch.sources import kinds, open_source


def test_every_module_on_the_shelf_is_a_kind_of_source_with_a_scheme_of_its_own() -> None:
    assert {scheme: kind.scheme for scheme, kind in kinds().items()} == {"": "", "sqs": "sqs"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("guardduty://", "guardduty:// is not built yet"),
        ("securityhub://eu-west-1", "securityhub:// is not built yet"),
        ("kafka://x", "kafka:// is not a kind of source"),
        ("://x", "is not a kind of source"),
    ],
)
def test_a_scheme_that_is_not_there_is_named(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        open_source(text)
