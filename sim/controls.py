"""
Negative controls: guards of the shop, each switched off, that the simulator has to miss.

A checker that has never found anything proves nothing. Each of these is found within some seeds.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from app.checkout import complete, placement
from app.core.lua import LuaScript
from app.inventory import gathering, ledger, reservations, stock
from app.inventory import scripts as inventory
from sim.moment import replace_source

Control = Callable[[], Any]


@contextmanager
def _other_text(script: LuaScript, text: str, instead: str) -> Iterator[None]:
    source = script.source
    assert text in source, "the script has changed"  # noqa: S101
    replace_source(script, source.replace(text, instead))
    try:
        yield
    finally:
        replace_source(script, source)


def _sells_what_is_not_there() -> Any:
    """Reserve without looking at what is available."""
    return _other_text(inventory._RESERVE, "line.available < line.needed", "false")


def _keeps_what_has_run_out() -> Any:
    """Never return what has run out to whoever asks next."""
    return _other_text(
        inventory._RESERVE, '"ZRANGEBYSCORE", reservations, "-inf", now',
        '"ZRANGEBYSCORE", reservations, "-inf", 0',
    )  # fmt: skip


def _takes_any_amount() -> Any:
    """Let a capture confirm whatever its amount."""
    return mock.patch.object(complete, "_fits", return_value=True)


def _gives_nothing_back() -> Any:
    """Leave a cancelled order's units where they are in Redis."""
    return mock.patch.object(reservations, "release", return_value=None)


def _stands_on_any_load() -> Any:
    """Write an order though Redis has been told of its products anew."""
    without = placement._PLACE.replace(" AND products.stock_epoch = wanted.epoch", "")
    assert without != placement._PLACE, "the statement has changed"  # noqa: S101
    return mock.patch.object(placement, "_PLACE", without)


def _forgets_to_settle() -> Any:
    """Redis keeps the commits of what Postgres has deducted."""
    return mock.patch.object(ledger, "settle_all", return_value=None)


def _looks_at_one_counter() -> Any:
    """Refuse a split product's units where the counter that is asked has too few of them."""
    return mock.patch.object(
        gathering, "promising", lambda redis, _, ask: stock.knowing(redis, ask)
    )


@contextmanager
def _limits_nobody() -> Iterator[None]:
    """Give and keep as many units of a limited product as somebody wants."""
    exact = "math.max(line.limit - line.held"
    with (
        _other_text(inventory._RESERVE, exact, "math.max(9"),
        _other_text(inventory._COMMIT, exact, "math.max(9"),
    ):
        yield


def _trusts_older_counters() -> Any:
    """Leave the counters of an earlier load where processes that remember them find them."""
    return mock.patch.multiple(
        inventory, forget=lambda *_, **__: None, discard=lambda *_, **__: None
    )


CONTROLS: Mapping[str, Control] = {
    "sells what is not there": _sells_what_is_not_there,
    "keeps what has run out": _keeps_what_has_run_out,
    "takes any amount": _takes_any_amount,
    "gives nothing back": _gives_nothing_back,
    "stands on any load": _stands_on_any_load,
    "forgets to settle": _forgets_to_settle,
    "looks at one counter": _looks_at_one_counter,
    "limits nobody": _limits_nobody,
    "trusts older counters": _trusts_older_counters,
}
