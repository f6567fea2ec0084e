"""
What may be a moment old: answers that many ask for, kept in this process for so long.

For what people look at, never for what the shop decides by.
"""

import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_NEVER: tuple[float, Any] = (float("-inf"), None)
# A call that keeps something drops so much of what is too old at the most, so that none is slow.
_MOST_DROPPED = 100


class Cache(Generic[Key, Value]):
    """Values by key, each as old as ``seconds`` at the most; zero seconds keep nothing."""

    def __init__(self, *, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep up to ``most`` values; ``clock`` tells seconds."""
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        # In the order in which they were made.
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key, make: Callable[[], Value], *, seconds: float) -> Value:
        """Return the value of a key, made anew where it is older than ``seconds``."""
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < seconds:
            return kept[1]
        value = make()
        self._keep({key: value}, now, seconds)
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
            self._keep(made, self._clock(), seconds)
        return found

    def __len__(self) -> int:
        """Tell how many values are kept, some of them too old by now."""
        return len(self._kept)

    def _keep(self, made: Mapping[Key, Value], now: float, seconds: float) -> None:
        if seconds <= 0:
            return
        with self._lock:
            self._drop(older_than=now - seconds)
            if len(self._kept) + len(made) > self._most:
                self._kept.clear()
            for key, value in made.items():
                self._kept.pop(key, None)
                self._kept[key] = (now, value)

    def _drop(self, *, older_than: float) -> None:
        for key in list(islice(self._kept, _MOST_DROPPED)):
            if self._kept[key][0] > older_than:
                return
            del self._kept[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
