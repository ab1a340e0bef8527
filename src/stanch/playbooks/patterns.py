"""Finding types and patterns of them: `*` stands for any run of characters, all else for itself."""

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def matches(pattern: str, kind: str) -> bool:
    """The finding type is one that the pattern means."""
    return _expression(pattern).fullmatch(kind) is not None


def specificity(pattern: str) -> tuple[bool, int]:
    """The greater, the more exactly the pattern says what it means."""
    return "*" not in pattern, len(pattern.replace("*", ""))
