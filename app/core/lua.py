"""Lua scripts: files below lua/, run by their digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis import Redis, RedisCluster
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


@dataclass(frozen=True, slots=True)
class Call:
    """A script with the keys and arguments that it is to be run with."""

    script: LuaScript
    keys: Sequence[str]
    args: Sequence[Argument]

    def __call__(self, redis: AnyRedis) -> list[Any]:
        """Run it alone."""
        return self.script(redis, self.keys, self.args)


def together(redis: AnyRedis, *calls: Call) -> list[list[Any]]:
    """
    Run scripts one after the other, others may run between them; on one server in one round trip.

    Where Redis lacks one of them, all run again: each has to bear that.

    Raises:
        ServiceUnavailable: Redis did not answer, so which of them ran is unknown.
    """
    if isinstance(redis, RedisCluster):
        return [call(redis) for call in calls]
    with foreign_errors():
        replies = _pipelined(redis, calls)
        if any(isinstance(reply, NoScriptError) for reply in replies):
            for call in calls:
                redis.script_load(call.script.source)
            replies = _pipelined(redis, calls)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
    return replies


def _pipelined(redis: Redis, calls: Sequence[Call]) -> list[Any]:
    with redis.pipeline(transaction=False) as pipeline:
        for call in calls:
            pipeline.evalsha(call.script.digest, len(call.keys), *call.keys, *call.args)  # type: ignore[arg-type]
        return pipeline.execute(raise_on_error=False)
