"""Refusals as exceptions: RFC 9457 problems, told apart by their stable ``code``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

_TOLD_BY_ATTRIBUTES = {"type", "title", "status", "code", "detail", "request_id", "errors"}


@dataclass(frozen=True)
class FieldError:
    """One value that cannot be used; ``pointer`` is a JSON pointer such as ``#/lines/0/sku``."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """
    What the shop refused, and why.

    Branch on ``code``, or catch one of the classes in `ora_client.refusals`. What a problem has of
    its own, such as the ``lines`` of `InsufficientStock`, is in ``members``.
    """

    _by_code: ClassVar[dict[str, type["ProblemError"]]] = {}

    def __init_subclass__(cls, code: str, **options: Any) -> None:
        """Be the class of a code."""
        super().__init_subclass__(**options)
        ProblemError._by_code[code] = cls

    def __init__(self, response: httpx.Response, body: Mapping[str, Any]) -> None:
        """Read the problem that an answer tells of."""
        self.response = response
        self.status: int = response.status_code
        self.code = str(body.get("code") or "unknown")
        self.title = str(body.get("title") or response.reason_phrase)
        self.detail: str | None = body.get("detail")
        # To be told to whoever runs the shop: it leads to everything that was logged.
        self.request_id = str(body.get("request_id") or response.headers.get("X-Request-Id", ""))
        self.errors = [
            FieldError(str(one.get("pointer", "#")), str(one.get("detail", "")))
            for one in body.get("errors", ())
        ]
        self.members = {name: body[name] for name in body if name not in _TOLD_BY_ATTRIBUTES}
        super().__init__(self._told())

    @property
    def retry_after_seconds(self) -> float | None:
        """When to come back, where the shop says so."""
        told = self.response.headers.get("Retry-After", "")
        return float(told) if told.isdecimal() else None

    def _told(self) -> str:
        fields = "; ".join(f"{one.pointer} {one.detail}" for one in self.errors)
        words = fields or self.detail or self.title
        return f"{self.status} {self.code}: {words} (request {self.request_id})"

    @classmethod
    def of(cls, response: httpx.Response) -> "ProblemError":
        """Make the problem that an answer tells of; anything may stand between us and the shop."""
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {}
        return cls._by_code.get(str(body.get("code")), ProblemError)(response, body)
