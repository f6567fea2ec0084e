"""Disks that are full: of Postgres, of the stock Redis, and where mails are laid."""

import contextlib
from pathlib import Path
from random import Random

import psycopg

from chaos import disks
from chaos.faults.base import Fault, cell
from chaos.house import Shop

# On a busy machine a mail takes its time.
_LAID_WITHIN_SECONDS = 12


class Full(Fault):
    """No byte is left on the file system of a part."""

    def __init__(self, shop: Shop, random: Random, name: str) -> None:
        """Take whose disk it is."""
        super().__init__(shop, random)
        self.disk = shop.disks[name]

    def inject(self) -> None:
        """Fill it."""
        self.disk.fill()

    def heal(self) -> None:
        """Free it."""
        self.disk.free()


class OfPostgres(Full):
    """Postgres cannot write its log; it panics, and recovers only when there is room again."""

    def watch(self) -> None:
        """Count its complaints."""
        self.before = self._complaints()

    def inject(self) -> None:
        """Fill it, and have it begin another file of its log."""
        super().inject()
        with contextlib.suppress(psycopg.Error):
            self.shop.sql("SELECT pg_switch_wal()")

    def heal(self) -> None:
        """Free it, and wait for the recovery."""
        self.complained = self.has_bitten()
        super().heal()
        self.shop.wait_for("Postgres answers", self._answers)

    def has_bitten(self) -> bool:
        """Tell whether it has complained since."""
        return getattr(self, "complained", False) or self._complaints() > self.before

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            return bool(self.shop.sql("SELECT 1", timeout=2))
        return False

    def _complaints(self) -> int:
        home = Path(self.shop.server("postgres").home)
        logs = [home / "postgres.log", home / "postgres.previous.log"]
        found = [log.read_text(errors="replace") for log in logs if log.exists()]
        return sum(text.count("No space left on device") for text in found)


class OfRedis(Full):
    """The stock Redis cannot write down what it did, and takes no more writes."""

    def watch(self) -> None:
        """Count who was told so far."""
        self.before = self._told()

    def has_bitten(self) -> bool:
        """Tell whether somebody was refused."""
        return self._told() > self.before

    def _told(self) -> int:
        return self.shop.logs.count("MISCONF")


class OfMails(Full):
    """Mails cannot be laid down."""

    def watch(self) -> None:
        """Count the jobs that failed of it."""
        self.met_within_seconds = _LAID_WITHIN_SECONDS
        self.before = self._failed()

    def has_bitten(self) -> bool:
        """Tell whether one failed since."""
        return self._failed() > self.before

    def _failed(self) -> int:
        return self.shop.logs.count("No space left")


def _why_not() -> str:
    return disks.why_not()


for _name, _make, _hold, _sign, _expected in (
    ("postgres", OfPostgres, 1.5, "its log says so", "503; nothing acknowledged is lost"),
    ("stock-redis", OfRedis, 2.5, "the shop's logs name MISCONF", "503; no unit twice"),
    ("mail", OfMails, 2.0, "the worker's log says so", "sales go on; mails are sent later"),
):
    cell(
        f"disk of {_name}: full", _make, _name, target=_name, hold=_hold, sign=_sign,
        expected=_expected, cannot=_why_not,
    )  # fmt: skip
