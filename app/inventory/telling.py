"""
How a load tells Redis of one product, over as many counters as it is worth: of all, or of none.

The counters of a product that may be split are hidden before anything is read of them: whoever
releases or settles meanwhile finds none, and looks again once the load is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.catalog.models import Product
from app.core import points
from app.core.redis_client import AnyRedis
from app.inventory import counters, scripts
from app.inventory.terms import Known


@dataclass(frozen=True, slots=True)
class Told:
    """What Redis was told of a product by which load, and the counters that are no more."""

    sku: str
    epoch: int
    names: list[str]
    gone: list[str]


def is_whole(redis: AnyRedis, product: Product) -> bool:
    """Tell whether Redis knows all counters of a locked product that may be split."""
    names = counters.of_product(product)
    if not _may_be_split(product) or not all(
        scripts.publish(redis, name, epoch=product.stock_epoch) for name in names
    ):
        return False
    counters.learn(product.sku, len(names))
    return True


def hide(redis: AnyRedis, product: Product) -> None:
    """Have nobody find the counters of a locked product that may be split."""
    if _may_be_split(product):
        for name in counters.of_product(product):
            scripts.forget(redis, name)


def tell(
    redis: AnyRedis, product: Product, known: Known, *, present: int | None, epoch: int, wanted: int
) -> Told:
    """Tell all that Postgres knows of a locked product, unless Redis has it by ``present``."""
    before = counters.of_product(product)
    count = counters.count_for(known, product.counters, wanted=wanted)
    shares = counters.shares(known, count)
    parts = counters.divide(known, shares)
    is_loaded = [scripts.load(redis, part, present=present, epoch=epoch) for part in parts]
    product.on_hand_by_counter = shares if count > 1 else None
    names = counters.of_product(product)
    gone = [name for name in before if name not in names]
    return Told(product.sku, epoch if any(is_loaded) else product.stock_epoch, names, gone)


def publish(redis: AnyRedis, told: Iterable[Told]) -> None:
    """Let products be known; also those whose own loader has not come so far, or never will."""
    points.reached("load.before-publish")
    for one in told:
        counters.learn(one.sku, len(one.names))
        for name in one.names:
            scripts.publish(redis, name, epoch=one.epoch)
        for name in one.gone:
            scripts.discard(redis, name, epoch=one.epoch)


def _may_be_split(product: Product) -> bool:
    return product.counters > 1 or product.on_hand_by_counter is not None
