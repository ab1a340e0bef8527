"""What else did he do? What the contained credential changed is undone where that is safe, else proposed."""

from stanch.model.casefile import CaseFile
from stanch.probes.activity import Act
from stanch.respond.further import Arm
from stanch.respond.house import House


def repair(house: House, arm: Arm, file: CaseFile, acts: tuple[Act, ...]) -> None:
    """Undo what the contained credential changed, and cut the sessions that it minted."""
