"""Every Redis key of the room; the hash tag has all of a product lie where its stock does."""

from app.inventory import keys

visitors = keys.visitors


def queue(sku: str) -> str:
    """Name the sorted set of who waits, by since when in microseconds."""
    return f"queue:{{{sku}}}"


def seen(sku: str) -> str:
    """Name the sorted set of who waits, by when they asked last in milliseconds."""
    return f"seen:{{{sku}}}"


def pace(sku: str) -> str:
    """Name the hash of how many were let in, by minute."""
    return f"pace:{{{sku}}}"
