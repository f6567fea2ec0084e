"""What docs/outgoing-webhooks.md tells integrators is so."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.subscribers import courier, deliveries
from app.subscribers.events import EVENTS
from tests.subscribers.desk import happen
from workers.drain import drain

PAGE = (Path(__file__).parents[2] / "docs" / "outgoing-webhooks.md").read_text()


@pytest.fixture
def is_genuine():
    """The page's own way to verify a message."""
    (source,) = re.findall(r"```python\n(import base64.*?)```", PAGE, re.DOTALL)
    found = {}
    exec(source, found)
    return found["is_genuine"]


def test_the_example_verifies_what_is_sent_and_nothing_else(
    desk, receiver, is_genuine, monkeypatch
):
    subscriber = desk.register(receiver.url)
    happen("order.shipped")
    drain("hooks")
    rotated = desk.do(subscriber, "secret", {"overlap_hours": 1}).json["secret"]
    happen("order.delivered")
    drain("hooks")

    first, second = receiver.messages
    old = subscriber["secret"]
    assert is_genuine(old, first.headers, first.body)
    assert is_genuine(old, second.headers, second.body)
    assert is_genuine(rotated, second.headers, second.body)
    assert not is_genuine(rotated, first.headers, first.body)
    assert not is_genuine(old, first.headers, first.body + b" ")
    assert not is_genuine(old, first.headers | {"webhook-signature": "v1,é"}, first.body)
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert not is_genuine(old, first.headers, first.body)


def test_every_event_is_on_the_page():
    assert [event for event in EVENTS if f"`{event}`" not in PAGE] == []


def test_the_numbers_on_the_page_are_those_of_the_shop():
    assert len(deliveries.PAUSES) + 1 == 12
    assert timedelta(seconds=6) == deliveries.PAUSES[0]
    assert (courier.CALL_SECONDS, courier.CONNECT_SECONDS, courier.LOOK_UP_SECONDS) == (10, 3, 3)
    assert courier.LONGEST_ANSWER == 500
    assert timedelta(minutes=15) == deliveries.LONGEST_REST
