"""
The clock of a history: it stands still but where the history moves it.

Redis, Postgres and Python are told the same time. What lives in Redis by a time to live has it
shortened by as much as the clock is moved; while a history runs, that one goes on by the server's
own clock as well.
"""

import re
from datetime import UTC, datetime, tzinfo
from hashlib import sha1
from pathlib import Path
from sys import modules
from typing import Any

import psycopg
from redis import Redis

from app.core import redis_client
from app.core.lua import ROOT, LuaScript

# Any will do; a Monday.
BEGINNING_MS = 1_767_600_000_000
KEY = "sim:now"
_CLOCK = (Path(ROOT) / "lib/clock.lua").read_text()
_INSTEAD = f"""
local function now_ms() return tonumber(redis.call("GET", "{KEY}")) end
local function left(until_ms) return math.max(math.floor(until_ms - now_ms()), 1) end
"""
_AT = re.compile(r'"PXAT", (\w+)\)')
_EXPIRE_AT = re.compile(r'"PEXPIREAT", (\w+), ([^)]+)\)')
_SHORTEN = """
for _, key in ipairs(redis.call("KEYS", "*")) do
  local left = redis.call("PTTL", key)
  if left > 0 then
    redis.call("PEXPIRE", key, math.max(left - ARGV[1], 0))
  end
end
redis.call("SET", "sim:now", ARGV[2])
"""
_SQL = """
    CREATE SCHEMA sim;
    CREATE SEQUENCE sim.clock;
    CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT pg_catalog.to_timestamp(last_value / 1000.0) FROM sim.clock';
    CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT sim.now()';
    DO $$
    DECLARE one record;
    BEGIN
        FOR one IN SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND column_default = 'now()'
        LOOP
            EXECUTE format('ALTER TABLE %I ALTER %I SET DEFAULT sim.now()',
                one.table_name, one.column_name);
        END LOOP;
        EXECUTE format('ALTER DATABASE %I SET search_path = sim, pg_catalog, public',
            current_database());
    END $$;
"""


class Moment:
    """The time, and whoever is told of it."""

    def __init__(self, sql: psycopg.Connection[Any], redis: Redis) -> None:
        """Speak to these two."""
        self.now_ms = BEGINNING_MS
        self._sql, self._redis = sql, redis

    def begin_anew(self) -> None:
        """Set the clock back for another history; Redis is empty by then."""
        self.now_ms = BEGINNING_MS
        self._redis.set(KEY, self.now_ms)
        self._sql.execute("SELECT setval('sim.clock', %s)", [self.now_ms])

    def pass_by(self, milliseconds: int) -> None:
        """Let so much time go by."""
        self.now_ms += milliseconds
        self._redis.eval(_SHORTEN, 0, milliseconds, self.now_ms)
        self._sql.execute("SELECT setval('sim.clock', %s)", [self.now_ms])

    def tick(self) -> None:
        """Let a millisecond go by, so that no two requests come at the same time."""
        self.now_ms += 1
        self._redis.set(KEY, self.now_ms)
        self._sql.execute("SELECT setval('sim.clock', %s)", [self.now_ms])

    def flush(self) -> None:
        """Have Redis lose everything but the time."""
        with self._redis.pipeline() as both:
            both.flushall()
            both.set(KEY, self.now_ms)
            both.execute()


def prepare(sql: psycopg.Connection[Any]) -> None:
    """Teach a migrated database to ask for the history's time instead of its own."""
    sql.execute(_SQL)


def rule(moment: Moment) -> None:
    """Have this process' Lua scripts and its Python go by ``moment``."""
    for script in shop_scripts():
        replace_source(script, _on_this_clock(script.source))
    redis_client.clock_ms = lambda *_: moment.now_ms  # type: ignore[assignment]
    told = _told_by(moment)
    for name, module in list(modules.items()):
        if name.startswith(("app.", "workers.")):
            if getattr(module, "datetime", None) is datetime:
                module.datetime = told  # type: ignore[attr-defined]
            if hasattr(module, "clock_ms"):
                module.clock_ms = redis_client.clock_ms  # type: ignore[attr-defined]


def shop_scripts() -> list[LuaScript]:
    """List every Lua script of the shop."""
    found = {
        id(one): one
        for name, module in list(modules.items())
        if name.startswith("app.") and name.endswith(".scripts")
        for one in vars(module).values()
        if isinstance(one, LuaScript)
    }
    return list(found.values())


def _on_this_clock(source: str) -> str:
    source = source.replace(_CLOCK, _INSTEAD)
    source = _AT.sub(r'"PX", left(\1))', source)
    source = _EXPIRE_AT.sub(r'"PEXPIRE", \1, left(\2))', source)
    told = '"TIME"' not in source and "PXAT" not in source and "EXPIREAT" not in source
    assert told, f"a script has a clock of its own: {source}"  # noqa: S101
    return source


def replace_source(script: LuaScript, source: str) -> None:
    """Have a script run another text from now on."""
    script.source = source
    script.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


def _told_by(moment: Moment) -> type[datetime]:
    class Kind(type):
        def __instancecheck__(cls, one: object) -> bool:
            return isinstance(one, datetime)

    class Told(datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(moment.now_ms / 1000, tz or UTC)

    return Told
