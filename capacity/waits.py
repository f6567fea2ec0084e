"""How long those waited who came to a simulation."""

from dataclasses import dataclass, field


@dataclass
class Waits:
    """Each wait, in what its simulation counts in."""

    waits: list[float] = field(default_factory=list)

    def wait(self, percent: float) -> float:
        """Tell how long so many of a hundred waited at the most."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
