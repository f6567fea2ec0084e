"""Lua scripts: files below lua/, run by their digest."""

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from app.core.redis_client import AnyRedis, Argument, foreign_errors

ROOT = Path(__file__).parents[2] / "lua"


class LuaScript:
    """One file below lua/, called with a client, its keys and its arguments."""

    def __init__(self, name: str, *, uses: Sequence[str] = ()) -> None:
        """Read ``lua/<name>.lua`` after what it ``uses``; Redis learns it at the first call."""
        self.name = name
        self.source = "\n".join((ROOT / f"{part}.lua").read_text() for part in (*uses, name))
        self.digest = sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, redis: AnyRedis, keys: Sequence[str], args: Sequence[Argument]) -> list[Any]:
        """
        Run the script and return its reply, whose first element is a word.

        Raises:
            ServiceUnavailable: Redis did not answer, so whether the script ran is unknown.
        """
        with foreign_errors():
            try:
                reply: Any = redis.evalsha(self.digest, len(keys), *keys, *args)  # type: ignore[arg-type]
            except NoScriptError:
                reply = redis.eval(self.source, len(keys), *keys, *args)  # type: ignore[arg-type]
        assert isinstance(reply, list), f"{self.name} answered {reply!r}"  # noqa: S101
        return reply
