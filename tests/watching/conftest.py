import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import structlog

from app.core import logs


@dataclass
class Written:
    """What the logs have, as production writes them."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, name: str) -> list[dict]:
        return [event for event in self.events if event["event"] == name]


@pytest.fixture
def written(app) -> Iterator[Written]:
    """The logs of production, of this process, from here on."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    caught = Written()
    logs.configure(as_json=True, stream=caught.stream)
    yield caught
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers
