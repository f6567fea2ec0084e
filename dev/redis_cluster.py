"""A Redis cluster of our own: three masters and a replica each, all on this machine."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from dev.errors import DevError
from dev.ports import HOST, free_port
from dev.redis_server import RedisServer

MASTERS = 3
SLOTS = 16384
# How long a node is silent until the others take it for dead and let its replica take over.
NODE_TIMEOUT_MS = 1_000
# Each node speaks to the others on a port so much higher than its clients'.
_BUS_OFFSET = 10_000
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05


class RedisClusterServers:
    """Six servers in one folder; a `with` block starts them and removes them in the end."""

    def __init__(self, home: Path) -> None:
        password = secrets.token_hex(24)
        self._login = f":{password}@"
        self.nodes = [
            RedisServer(
                home / f"node-{number}",
                durable=False,
                port=free_port(and_above=_BUS_OFFSET),
                password=password,
                node_timeout_ms=NODE_TIMEOUT_MS,
            )
            for number in range(2 * MASTERS)
        ]

    @property
    def url(self) -> str:
        """The shop's STOCK_REDIS_URL: every node is named, for any of them may be the dead one."""
        addresses = ",".join(f"{HOST}:{node.port}" for node in self.nodes)
        return f"redis+cluster://{self._login}{addresses}"

    def __enter__(self) -> Self:
        """
        Start, and return once every slot is served and every master has its replica.

        Raises:
            DevError: it did not come to that.
        """
        for node in self.nodes:
            node.start()
        first, *others = self.nodes
        for node in others:
            _ask(first, "CLUSTER", "MEET", HOST, node.port)
        _await(lambda: all(len(self.members(node)) == len(self.nodes) for node in self.nodes))
        masters, replicas = self.nodes[:MASTERS], self.nodes[MASTERS:]
        for number, (master, replica) in enumerate(zip(masters, replicas, strict=True)):
            slots = range(SLOTS * number // MASTERS, SLOTS * (number + 1) // MASTERS)
            _ask(master, "CLUSTER", "ADDSLOTS", *slots)
            _ask(replica, "CLUSTER", "REPLICATE", _ask(master, "CLUSTER", "MYID"))
        self.await_whole(replicas=MASTERS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all and remove their data."""
        for node in self.nodes:
            node.remove()

    def await_whole(self, *, replicas: int) -> None:
        """Wait until all slots are served and `replicas` follow; DevError after a minute."""
        _await(lambda: all(self._is_whole(node, replicas) for node in self.running()))

    def running(self) -> list[RedisServer]:
        """List the nodes that were not killed."""
        return [node for node in self.nodes if node.pid is not None]

    def members(self, node: RedisServer) -> list[list[str]]:
        """Tell what a node knows of all nodes, in the words of CLUSTER NODES."""
        return [line.split() for line in _ask(node, "CLUSTER", "NODES").splitlines()]

    def master_of(self, slot: int) -> RedisServer:
        """Find the server that has a slot now."""
        for line in self.members(self.running()[0]):
            ranges = [part.split("-") for part in line[8:] if part[0].isdigit()]
            if any(int(slots[0]) <= slot <= int(slots[-1]) for slots in ranges):
                port = int(line[1].partition("@")[0].rpartition(":")[2])
                return next(node for node in self.nodes if node.port == port)
        raise DevError(f"Nobody serves slot {slot}.")

    def cut_off_replica_of(self, master: RedisServer) -> None:
        """Let a master's replica hear nothing any more, though it may still take over."""
        my_id = _ask(master, "CLUSTER", "MYID")
        for node in self.running():
            [mine] = [line for line in self.members(node) if "myself" in line[2]]
            if mine[3] == my_id:
                _ask(node, "CONFIG", "SET", "masterauth", "not-the-password")
        _ask(master, "CLIENT", "KILL", "TYPE", "replica")
        _await(lambda: "connected_slaves:0" in _ask(master, "INFO", "replication"))

    def _is_whole(self, node: RedisServer, replicas: int) -> bool:
        if "cluster_state:ok" not in _ask(node, "CLUSTER", "INFO"):
            return False
        words = [line[2] for line in self.members(node)]
        healthy = [word for word in words if "fail" not in word]
        is_linked = sum("slave" in word for word in healthy) == replicas
        return is_linked and (
            "role:slave" not in _ask(node, "INFO", "replication")
            or "master_link_status:up" in _ask(node, "INFO", "replication")
        )


def _ask(node: RedisServer, *command: Any) -> str:
    with redis.Redis.from_url(node.url, decode_responses=True, socket_timeout=5) as client:
        # A reply as it comes: redis-py would make each command's something of its own.
        client.response_callbacks.clear()
        reply = client.execute_command(*command)
        return str(reply)


def _await(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise DevError(f"The Redis cluster was not whole within {_PATIENCE_SECONDS:.0f} s.")
        time.sleep(_POLL_SECONDS)
