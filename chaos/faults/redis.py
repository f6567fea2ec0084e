"""The two Redis servers: killed, emptied, paused, full, confused, and failed over."""

import contextlib
import os
import shutil
import signal
import threading
from pathlib import Path
from random import Random
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from chaos.faults.base import Fault, cell
from chaos.house import Shop
from dev.ports import free_port
from dev.redis_server import ADMIN, RedisServer

STOCK, QUEUE = "stock-redis", "queue-redis"
_AOF = "appendonlydir", "appendonly.aof"


class OfRedis(Fault):
    """Something that happens to one of the servers."""

    def __init__(self, shop: Shop, random: Random, name: str, *options: str) -> None:
        """Take the server's name."""
        super().__init__(shop, random)
        self.name, self.options = name, options

    @property
    def server(self) -> RedisServer:
        """The server as it is now, which a failover changes."""
        found: RedisServer = self.shop.server(self.name)
        return found

    def run_id(self) -> str:
        """Tell which run of a server answers; nothing where none does."""
        with contextlib.suppress(RedisError, OSError), self.shop.redis(self.name) as client:
            return str(client.info("server")["run_id"])
        return ""


class Killed(OfRedis):
    """The server dies, and is started again: with its keys but the last, or with none."""

    def watch(self) -> None:
        """Remember which run it is."""
        self.before = self.run_id()

    def inject(self) -> None:
        """Kill it; hold it down until it is healed."""
        self.shop.held.add(self.name)
        self.server.kill()
        if "forgetful" in self.options:
            _forget(self.server.home)

    def heal(self) -> None:
        """Let it be started."""
        self.shop.held.discard(self.name)
        self.shop.wait_for(f"{self.name} answers", lambda: self.run_id() != "")

    def has_bitten(self) -> bool:
        """Tell whether another run answers, or none."""
        return self.run_id() != self.before


class Flushed(OfRedis):
    """Somebody empties it under way."""

    def watch(self) -> None:
        """Count what was flushed so far."""
        self.before = self._calls()

    def inject(self) -> None:
        """Flush, if there is something in it."""
        with self.shop.redis(self.name) as client:
            self.had = client.dbsize()
            client.flushall()

    def has_bitten(self) -> bool:
        """Tell whether it was emptied of something."""
        return self._calls() > self.before and self.had > 0

    def _calls(self) -> int:
        with self.shop.redis(self.name) as client:
            return int(client.info("commandstats").get("cmdstat_flushall", {}).get("calls", 0))


class Paused(OfRedis):
    """The process stands still; what it was sent is done when it goes on."""

    def watch(self) -> None:
        """See that it answers."""
        self.was_silent = False

    def inject(self) -> None:
        """Stop it where it is."""
        assert self.server.pid is not None  # noqa: S101
        os.kill(self.server.pid, signal.SIGSTOP)

    def heal(self) -> None:
        """Let it go on."""
        self.was_silent = self.run_id() == ""
        assert self.server.pid is not None  # noqa: S101
        os.kill(self.server.pid, signal.SIGCONT)

    def has_bitten(self) -> bool:
        """Tell whether it did not answer."""
        return self.was_silent or self.run_id() == ""


class Refusing(OfRedis):
    """It is there, and refuses: each way has a word of its own, which the shop's logs repeat."""

    error = ""

    def watch(self) -> None:
        """Count how often the shop was told so, so far."""
        self.before = self._told()

    def has_bitten(self) -> bool:
        """Tell whether somebody was told."""
        return self._told() > self.before

    def _told(self) -> int:
        return self.shop.logs.count(self.error)


class Full(Refusing):
    """Its memory is used up."""

    # Of the text, for redis-py keeps the code for itself.
    error = "maxmemory"

    def inject(self) -> None:
        """Allow it nothing more."""
        with self.shop.redis(self.name) as client:
            client.config_set("maxmemory", "1")

    def heal(self) -> None:
        """Allow it anything."""
        with self.shop.redis(self.name) as client:
            client.config_set("maxmemory", "0")


class ReadOnly(Refusing):
    """It is a replica all of a sudden, of a master that is nowhere."""

    error = "READONLY"

    def inject(self) -> None:
        """Make it one."""
        with self.shop.redis(self.name) as client:
            client.replicaof("127.0.0.1", str(free_port()))

    def heal(self) -> None:
        """Make it a master."""
        with self.shop.redis(self.name) as client:
            client.replicaof("NO", "ONE")


class Busy(Refusing):
    """Somebody's script does not end."""

    error = "BUSY"

    def inject(self) -> None:
        """Run one."""
        with self.shop.redis(self.name) as client:
            client.config_set("lua-time-limit", "50")
        self.killer = self.shop.redis(self.name, timeout=20)
        self.killer.ping()
        self.endless = threading.Thread(target=self._run, daemon=True)
        self.endless.start()

    def heal(self) -> None:
        """End it."""
        with contextlib.suppress(RedisError):
            self.killer.script_kill()
        self.endless.join(10)
        self.killer.close()

    def _run(self) -> None:
        with contextlib.suppress(RedisError), self.shop.redis(self.name, timeout=None) as client:
            client.eval("while true do end", 0)


class Unsaved(Refusing):
    """It could not write its snapshot, and takes no writes before it can."""

    error = "MISCONF"

    def inject(self) -> None:
        """Put a folder in the way."""
        self.way = Path(self.server.home) / "dump.rdb"
        self.way.unlink(missing_ok=True)
        self.way.mkdir()
        with self.shop.redis(self.name) as client:
            client.config_set("save", "3600 1")
            self._save(client, "err")

    def heal(self) -> None:
        """Take it away."""
        self.way.rmdir()
        with self.shop.redis(self.name) as client:
            self._save(client, "ok")
            client.config_set("save", "")

    def _save(self, client: Redis, wanted: str) -> None:
        def is_so() -> bool:
            with contextlib.suppress(RedisError):
                client.bgsave()
            told: Any = client.info("persistence")
            return bool(told["rdb_last_bgsave_status"] == wanted)

        self.shop.wait_for(f"a snapshot is {wanted}", is_so, seconds=20)


class Scriptless(OfRedis):
    """It forgets the scripts that it was handed, as a restart does."""

    def watch(self) -> None:
        """Count who was told so far."""
        self.before = self.shop.counts().get(f"{self.name} NOSCRIPT", 0)

    def inject(self) -> None:
        """Forget."""
        with self.shop.redis(self.name) as client:
            client.script_flush()

    def has_bitten(self) -> bool:
        """Tell whether somebody had to hand one over again."""
        return self.shop.counts().get(f"{self.name} NOSCRIPT", 0) > self.before


class FailedOver(OfRedis):
    """A replica that missed the last moments takes the place of its master, which dies."""

    number = 0

    def watch(self) -> None:
        """Remember which run it is."""
        self.before = self.run_id()
        self.lost = 0

    def inject(self) -> None:
        """Copy it, cut the copy off, let the master go on for a while, and change them over."""
        FailedOver.number += 1
        old = self.server
        # On the same disk, which may be filled later.
        home = old.home.with_name(f"home-{FailedOver.number}")
        replica = RedisServer(
            home, durable=True, password=old._password, users=old._users  # noqa: SLF001
        )  # fmt: skip
        replica.start()
        with Redis.from_url(replica.admin_url, decode_responses=True, socket_timeout=5) as copy:
            copy.config_set("masteruser", ADMIN)
            copy.config_set("masterauth", old._password)  # noqa: SLF001
            copy.replicaof("127.0.0.1", str(old.port))
            self.shop.wait_for("a copy", lambda: _is_up(copy), seconds=20)
            copy.replicaof("NO", "ONE")
            cut_at = self._offset()
            self.shop.wait(1.0)
            self.lost = self._offset() - cut_at
        old.kill()
        old.remove()
        self.shop.servers[self.name] = replica
        self.shop.tick()
        for side in ("web", "workers"):
            link = self.shop.links[f"{side}>{self.name}"]
            link.server_port = replica.port
            self.shop.links.reset(link.name)

    def has_bitten(self) -> bool:
        """Tell whether another run answers that lost some bytes of what the first was told."""
        return self.run_id() not in {self.before, ""} and self.lost > 0

    def _offset(self) -> int:
        with self.shop.redis(self.name) as client:
            return int(client.info("replication")["master_repl_offset"])


def _is_up(copy: Redis) -> bool:
    told: Any = copy.info("replication")
    return bool(told.get("master_link_status") == "up" and not told["master_sync_in_progress"])


def _forget(home: Path) -> None:
    for name in _AOF:
        path = Path(home) / name
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


_REFUSED = "the shop's logs name {}"
_KEYS = {
    STOCK: "503 in time; nothing promised twice; products are loaded anew",
    QUEUE: "jobs wait in the outbox; webhooks are still answered 200",
}
for _name, _expected in _KEYS.items():
    for _title, _make, _options, _hold, _sign in (
        ("killed", Killed, (), 1.0, "another run id"),
        ("restarted empty", Killed, ("forgetful",), 0.5, "another run id"),
        ("FLUSHALL", Flushed, (), 0.5, "it had keys, and its count of FLUSHALL rose"),
        ("paused", Paused, (), 2.0, "it does not answer"),
        ("full", Full, (), 1.0, _REFUSED.format("maxmemory")),
    ):
        cell(
            f"{_name}: {_title}", _make, _name, *_options, target=_name, hold=_hold, sign=_sign,
            expected=_expected,
        )  # fmt: skip
_confused: tuple[tuple[str, type[OfRedis], str], ...] = (
    ("READONLY", ReadOnly, "READONLY"), ("BUSY", Busy, "BUSY"), ("MISCONF", Unsaved, "MISCONF"),
    ("SCRIPT FLUSH", Scriptless, "it: the server counts NOSCRIPT"),
)  # fmt: skip
for _title, _kind, _error in _confused:
    cell(
        f"{STOCK}: {_title}", _kind, STOCK, target=STOCK, hold=1.0, sign=_REFUSED.format(_error),
        expected="503, or the script handed over again",
    )  # fmt: skip
cell(
    f"{STOCK}: failover that loses a second", FailedOver, STOCK, target=STOCK, hold=0.5,
    sign="another run id, and bytes that the copy missed", expected=_KEYS[STOCK],
)  # fmt: skip
