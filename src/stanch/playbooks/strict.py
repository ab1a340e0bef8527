"""YAML read strictly: unknown, missing, repeated and wrongly typed keys are errors that name file and key."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import yaml

from stanch.model.errors import BadInput


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice: the second would win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002  # PyYAML's own signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)}: given twice", node.start_mark)
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
    where: str
    """`file: key.path[2]`, for errors."""

    def bad(self, why: str) -> BadInput:
        """The error for this place."""
        return BadInput(f"{self.where.removesuffix(': ')}: {why}")

    def keys(self, *required: str, optional: tuple[str, ...] = ()) -> dict[str, "Node"]:
        """The members of an object that has exactly these keys."""
        members = self.members()
        for name in members.keys() - {*required, *optional}:
            raise members[name].bad("unknown key")
        for name in required:
            if name not in members:
                raise self.bad(f"{name} is missing")
        return members

    def members(self) -> dict[str, "Node"]:
        """The members of an object, whatever their names."""
        if not isinstance(self.value, dict):
            raise self.bad("must be an object")
        dot = "" if self.where.endswith(": ") else "."
        return {str(name): Node(value, f"{self.where}{dot}{name}") for name, value in self.value.items()}

    def items(self) -> tuple["Node", ...]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.bad("must be a list")
        return tuple(Node(value, f"{self.where}[{number}]") for number, value in enumerate(self.value))

    def text(self) -> str:
        """A text that is not empty, its line breaks folded."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.bad("must be a text")
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
        return Node(yaml.load(path.read_text(encoding="utf-8"), _Loader), f"{name}: ")  # noqa: S506  # a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{name}: cannot be read: {error}") from error
