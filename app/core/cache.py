"""
What may be a moment old: answers that many ask for, kept in this process for so long.

For what people look at, never for what the shop decides by.
"""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_NEVER: tuple[float, Any] = (float("-inf"), None)


class Cache(Generic[Key, Value]):
    """Values by key, each as old as ``seconds`` at the most; zero seconds keep nothing."""

    def __init__(self, *, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep up to ``most`` values; ``clock`` tells seconds."""
        self._most = most
        self._clock = clock
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key, make: Callable[[], Value], *, seconds: float) -> Value:
        """Return the value of a key, made anew where it is older than ``seconds``."""
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < seconds:
            return kept[1]
        value = make()
        if seconds > 0:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = (now, value)
        return value

    def many(
        self,
        keys: Sequence[Key],
        make: Callable[[Sequence[Key]], Mapping[Key, Value]],
        *,
        seconds: float,
    ) -> dict[Key, Value]:
        """Return the values of keys, those that are missing made together; some may not be."""
        oldest = self._clock() - seconds
        found = {key: kept[1] for key in keys if (kept := self._kept.get(key, _NEVER))[0] > oldest}
        missing = [key for key in keys if key not in found]
        if missing:
            made = make(missing)
            found |= made
            if seconds > 0:
                if len(self._kept) + len(made) > self._most:
                    self._kept.clear()
                now = self._clock()
                self._kept.update({key: (now, value) for key, value in made.items()})
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
