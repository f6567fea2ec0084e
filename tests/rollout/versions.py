"""An older version of the shop beside this one, on this one's tables."""

import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests

from bench.house import tokens_of
from chaos.house import Shop, ask
from chaos.programs import Program
from dev.buyer import Buyer
from dev.ports import HOST, free_port
from dev.processes import read_procfile
from tests.rollout.extra import ROOT

PATIENCE_SECONDS = 240
VARIABLE = "OLD"
STEPS = "check_out", "open", "verify", "look"


class NoHistoryError(Exception):
    """This is no clone of the repository, or one without the commit that is asked for."""


def revision() -> str:
    """Tell which one is meant: the one that is named, or the one before the last migration."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    added = ["log", "-1", "--diff-filter=A", "--format=%H", "--", "migrations/versions"]
    return _git(*added).decode().strip() + "^"


def lay(folder: Path) -> Path:
    """Lay the older version's files into a folder."""
    code = folder / "old"
    code.mkdir(parents=True)
    archive = _git("archive", revision())
    subprocess.run(["tar", "-x", "-C", code], input=archive, check=True)
    return code


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoHistoryError(str(error)) from error
    return done.stdout


def start_web(shop: Shop, code: Path) -> int:
    """Start the older web; returns its port. It may find that the tables are not its own."""
    port = free_port()
    env = {**shop.programs["web"].env, "PORT": str(port)}
    web = Program("web-old", read_procfile(code / "Procfile")["web"], env, shop.folder, code=code)
    web.start()
    web.is_held = True
    shop.programs["web-old"] = web

    def is_up() -> bool:
        assert web.is_alive, (shop.folder / "web-old.log").read_text()[-2000:]
        try:
            return ask(port, "GET", "/healthz", timeout=5)[0] == 200
        except OSError:
            return False

    shop.wait_for("The older web is up", is_up, PATIENCE_SECONDS)
    return port


@contextmanager
def workers_of(shop: Shop, code: Path) -> Iterator[None]:
    """Have the older workers work, and none of the newer ones."""
    commands = read_procfile(code / "Procfile")
    newer = [one for name, one in shop.programs.items() if name.startswith("worker-")]
    for one in newer:
        assert one.process is not None
        one.is_held = True
        one.signal(signal.SIGTERM, [one.pid])
        one.process.wait(PATIENCE_SECONDS)
    older = [
        replace(one, name=f"{one.name}-old", command=commands[one.name], code=code, process=None)
        for one in newer
    ]
    for one in older:
        one.start()
    try:
        yield
    finally:
        for one in older:
            one.stop(patience_seconds=PATIENCE_SECONDS)
        for one in newer:
            one.is_held = False
        shop.tick()


def paths() -> list[dict[str, str]]:
    """List the ways on which a purchase can be served, step by step, by the one or the other."""
    return [
        dict(zip(STEPS, ways, strict=True))
        for ways in itertools.product(("old", "new"), repeat=len(STEPS))
    ]


def buy(shop: Shop, people: dict[str, Any], webs: dict[str, str], path: dict[str, str]) -> str:
    """Buy on such a way; a checkout that is repeated at the other one gives the same order."""
    [token] = tokens_of([UUID(people["customers"][0])])
    buyers = {name: Buyer(url) for name, url in webs.items()}
    for buyer in buyers.values():
        buyer.http.headers["Authorization"] = token
    other = {"old": "new", "new": "old"}
    sku, key = people["plenty"][0], uuid4().hex
    answers = [
        buyers[name].check_out(sku, key=key)
        for name in (path["check_out"], other[path["check_out"]])
    ]
    assert [one.status_code for one in answers] == [201, 201], [one.text for one in answers]
    first, again = (str(one.json()["id"]) for one in answers)
    assert first == again
    opened = buyers[path["open"]].open_payment(first)
    wish = {"order_id": opened["razorpay_order_id"], "method": "upi", "deliver": "normal"}
    url = f"http://{HOST}:{shop.ports['gateway']}/sandbox/pay"
    paid = requests.post(url, json=wish, timeout=30).json()
    buyers[path["verify"]].ask("POST", "/api/v1/payments/verify", json=paid)
    looker = buyers[path["look"]]
    shop.wait_for("It is confirmed", lambda: looker.status(first) == "confirmed", PATIENCE_SECONDS)
    return first
