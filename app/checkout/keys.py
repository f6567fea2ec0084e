"""Every Redis key of the room."""

from uuid import UUID


def request(order_id: UUID) -> str:
    """Hash: the fingerprint of a checkout request and who answers it, or that it was answered."""
    return f"request:{{{order_id}}}"
