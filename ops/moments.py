"""Moments as an operator writes them: with their time zone, or not at all."""

import argparse
from datetime import UTC, datetime

LATEST = "latest"


def moment(text: str) -> datetime:
    """Read a moment in any time zone, which has to be said: half a day hangs on it."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment: write 2026-11-30T12:00:00+05:30"
        ) from None
    if read.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone: end it with +05:30 or Z")
    return read.astimezone(UTC)


def moment_or_latest(text: str) -> datetime | None:
    """Read a moment, or None for as late as there is anything."""
    return None if text == LATEST else moment(text)
