"""YAML read strictly: unknown, missing, repeated and wrongly typed keys are errors that name file, line and key."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from stanch.model.errors import BadInput


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice: the second would win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002  # PyYAML's own signature
        seen: list[object] = []
        for place, _ in node.value:
            key = self.construct_object(place, deep=True)
            if key in seen:
                said = f"{key}: given twice; keep one of them"
                raise yaml.constructor.ConstructorError(None, None, said, place.start_mark)
            seen.append(key)
        return super().construct_mapping(node, deep)


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, expression) for tag, expression in resolvers if tag != _BOOL]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# As in YAML 1.2: `yes` and `no` are the names of answers here, not booleans.
_Loader.add_implicit_resolver(_BOOL, re.compile("true|false"), list("tf"))


@dataclass(frozen=True)
class Node:
    """A value of a YAML file that knows where it stands."""

    value: object
    file: str
    line: int
    """Counted from one; of the key where it has one."""
    path: str = ""
    """`key.path[2]`; empty for the whole document."""
    at: yaml.Node | None = field(default=None, repr=False, compare=False)
    """Where the lines of what lies below are found."""

    def bad(self, why: str) -> BadInput:
        """The error for this place."""
        return BadInput(f"{self.file}:{self.line}: {self.path}{': ' if self.path else ''}{why}")

    def keys(self, *required: str, optional: tuple[str, ...] = ()) -> dict[str, "Node"]:
        """The members of an object that has exactly these keys."""
        members = self.members()
        for name, member in members.items():
            if name not in (*required, *optional):
                raise member.bad(f"unknown key; there are {', '.join((*required, *optional))}")
        for name in required:
            if name not in members:
                raise self.bad(f"{name} is missing: it must be said")
        return members

    def members(self) -> dict[str, "Node"]:
        """The members of an object, whatever their names."""
        if not isinstance(self.value, dict):
            raise self.bad("must be an object (`key: value`)")
        dot = "." if self.path else ""
        below = self.at.value if isinstance(self.at, yaml.MappingNode) else ()
        places = {key.value: (key.start_mark.line + 1, value) for key, value in below}
        found = {}
        for name, value in self.value.items():
            line, at = places.get(str(name), (self.line, None))
            found[str(name)] = Node(value, self.file, line, f"{self.path}{dot}{name}", at)
        return found

    def items(self) -> tuple["Node", ...]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.bad("must be a list (`[a, b]`, or lines that begin with `- `)")
        below = self.at.value if isinstance(self.at, yaml.SequenceNode) else (None,) * len(self.value)
        return tuple(
            Node(value, self.file, at.start_mark.line + 1 if at else self.line, f"{self.path}[{number}]", at)
            for number, (value, at) in enumerate(zip(self.value, below, strict=True))
        )

    def text(self) -> str:
        """A text that is not empty, its line breaks folded."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.bad("must be a text that is not empty (in quotes where YAML reads a number)")
        return " ".join(self.value.split())

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def number(self) -> float:
        """A number above zero."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or self.value <= 0:
            raise self.bad("must be a number above zero")
        return float(self.value)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.bad("must be true or false")
        return self.value


def read(path: Path, name: str) -> Node:
    """The document of a file; `name` stands for it in errors. Raises BadInput when it is missing or not YAML."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        at = loader.get_single_node()
        value = loader.construct_document(at) if at else None
        return Node(value, name, at.start_mark.line + 1 if at else 1, at=at)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(f"{name}{line}: cannot be read: {error.problem}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{name}: cannot be read: {error}") from error
