"""Announcements are spread to those who listen."""

import structlog

log = structlog.get_logger(__name__)


def spread(event: str, subject: str) -> None:
    """Tell of an event; hearing of it again changes nothing."""
    log.info("announced", event_name=event, subject=subject)
