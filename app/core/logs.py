"""
Logs: one event a line, JSON in production and readable in development.

Of everything that is logged, by the shop or by a library, only what may be told is written
(`app.core.withheld`).
"""

import logging
import sys
from typing import Any, TextIO

import structlog

from app.core import faults, withheld

_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    faults.watch,
)


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Ours, so that it is found again and not put beside itself."""


def configure(*, as_json: bool, stream: TextIO | None = None) -> None:
    """
    Set up the logs of this process, and what its libraries log through the standard one.

    They go to standard error: standard output belongs to what a command was asked for.
    """
    # That of the process: whoever puts another in its place may close it when they are done.
    stream = stream or sys.__stderr__
    finish: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _clean_traceback,
        withheld.withhold,
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
    structlog.configure(
        processors=[*_SHARED, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _take_over_standard(finish, stream)


def _take_over_standard(finish: list[structlog.typing.Processor], stream: TextIO | None) -> None:
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)


def _clean_traceback(
    _logger: Any, _method: str, told: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if "exception" in told:
        told["exception"] = withheld.clean_traceback(str(told["exception"]))
    return told
