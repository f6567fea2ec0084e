"""
Faults: what is logged as an error is reported to Sentry as well, where there is a DSN.

A report has the traceback and what the event is about, never variables, bodies, headers or names;
it goes through the same sieve as the log. Without a DSN nothing of Sentry is even loaded.
"""

import sys
from collections.abc import Callable
from typing import Any

from app.core import withheld

# What it belongs to, by which reports are searched.
TAGS = ("request_id", "order_id", "job", "job_id", "event_id", "payment_id", "gateway", "route")
LEVELS = ("error", "critical")
# Libraries that fail to send what is told to them: telling that as well would help nobody.
_OF_TELLERS = ("sentry_sdk", "opentelemetry", "urllib3")

_report: Callable[[BaseException | None, dict[str, Any]], None] | None = None


def connect(
    *,
    dsn: str | None,
    process: str,
    release: str | None,
    environment: str,
    transport: Any = None,
) -> None:
    """Begin to report where there is a DSN, or stop."""
    global _report  # noqa: PLW0603 - a process' one
    _report = None
    if dsn is None:
        return
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        transport=transport,
        # Personal data is not sent by default, and saying so is deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        # None that looks into requests, statements or logs by itself.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            ExcepthookIntegration(),
        ],
        before_send=_clean,
    )
    sentry_sdk.set_tag("process", process)
    _report = _send


def watch(_logger: Any, _method: str, told: Any) -> Any:
    """Report an event that is an error, and pass it on as it is; for structlog."""
    if _report is not None and told.get("level") in LEVELS and not _is_of_a_teller(told):
        _report(_error_of(told), dict(told))
    return told


def _is_of_a_teller(told: dict[str, Any]) -> bool:
    return str(told.get("logger", "")).startswith(_OF_TELLERS)


def _error_of(told: dict[str, Any]) -> BaseException | None:
    given = told.get("exc_info")
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        found: BaseException | None = given[1]
        return found
    return sys.exc_info()[1] if given else None


def _send(error: BaseException | None, told: dict[str, Any]) -> None:
    import sentry_sdk  # noqa: PLC0415

    about = {key: value for key, value in told.items() if key not in ("exc_info", "timestamp")}
    with sentry_sdk.new_scope() as scope:
        for name in TAGS:
            if name in about:
                scope.set_tag(name, str(about[name]))
        scope.set_tag("event", str(about.get("event")))
        scope.set_context("event", withheld.withhold(None, "", about))
        if error is not None:
            scope.capture_exception(error)
        else:
            scope.capture_message(str(about.get("event")), level="error")


def _clean(report: Any, _hint: Any) -> Any:
    """Take out of a report whatever a log may not have either."""
    for each in (report.get("exception") or {}).get("values") or ():
        each["value"] = withheld.unquoted(str(each.get("value") or ""))
    for key in ("user", "request", "breadcrumbs", "extra", "modules"):
        report.pop(key, None)
    for key in ("exception", "message", "logentry", "tags", "contexts"):
        if key in report:
            report[key] = withheld.without(report[key])
    return report
