"""The ORA shop's API: `Shop` and what every caller needs; `ora_client.api` has the operations."""

from ora_client import refusals
from ora_client.paging import each
from ora_client.problems import FieldError, ProblemError
from ora_client.shop import Patience, Shop, new_key
from ora_client.types import UNSET, File, Unset
from ora_client.webhooks import BadSignatureError, Event, verify

__all__ = [
    "UNSET",
    "BadSignatureError",
    "Event",
    "FieldError",
    "File",
    "Patience",
    "ProblemError",
    "Shop",
    "Unset",
    "each",
    "new_key",
    "refusals",
    "verify",
]
