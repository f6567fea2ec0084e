"""Logs: one event a line, JSON in production and readable in development."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# What Postgres and SQLAlchemy add to an error: the row that broke a rule, and what was sent.
_VALUES = re.compile(r"(DETAIL|\[parameters):.*?(?=\\n|\n|$)")


def configure(*, as_json: bool) -> None:
    """Set up structlog for this process; no personal data belongs into an event."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if as_json else []),
            _without_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Standard output belongs to what a command was asked for.
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _without_values(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Leave out of an error the values that it quotes, which may be a customer's."""
    for name, value in event.items():
        if isinstance(value, str) and (":" in value):
            event[name] = _VALUES.sub(r"\1: left out", value)
    return event
