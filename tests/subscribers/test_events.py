"""What stories announce and what subscribers can ask for are the same."""

import re
from pathlib import Path

from app.orders.orders import TRANSITIONS
from app.subscribers.events import EVENTS, NOUNS, names_for

ROOT = Path(__file__).parents[2]
ANNOUNCED = re.compile(r"\bannounce\(\s*session,\s*\"([a-z_.]+)\"")


def test_every_event_that_a_story_announces_can_be_asked_for():
    sources = [path for room in ("app", "workers") for path in (ROOT / room).rglob("*.py")]
    announced = {name for path in sources for name in ANNOUNCED.findall(path.read_text())}

    # The one in the docstring of announce() is written otherwise.
    assert announced <= set(EVENTS)


def test_every_step_of_an_order_can_be_asked_for():
    steps = {f"order.{status}" for targets in TRANSITIONS.values() for status in targets}

    assert steps <= set(EVENTS)


def test_an_event_is_asked_for_by_its_name_its_noun_or_all():
    assert names_for("order.shipped") == ["order.shipped", "order.*", "*"]
    assert NOUNS == ("order", "payment", "refund", "return", "stock")
