"""Problems: the errors a caller can be told, in the form of RFC 9457."""

import re
from collections.abc import Mapping
from functools import cache
from typing import ClassVar

# Problem types are addresses of pages; relative until the docs have a public address.
TYPE_ROOT = "/problems/"


class Problem(Exception):  # noqa: N818 - a problem is what RFC 9457 calls it
    """Something went wrong."""

    status: ClassVar[int] = 500

    def __init__(
        self, detail: str | None = None, *, retry_after: int | None = None, **members: object
    ) -> None:
        """Tell what is wrong now; ``members`` become extension members of the answer."""
        super().__init__(detail or self.title())
        self.detail = detail
        self.members: Mapping[str, object] = members
        self.retry_after = retry_after

    @classmethod
    @cache
    def code(cls) -> str:
        """Give the stable name that a client branches on, e.g. ``insufficient_stock``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    @cache
    def title(cls) -> str:
        """Give the sentence that is the same for every occurrence: the docstring's first line."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def body(self) -> dict[str, object]:
        """Write the problem as the members of a JSON object."""
        body: dict[str, object] = {
            "type": TYPE_ROOT + self.code().replace("_", "-"),
            "title": self.title(),
            "status": self.status,
            "code": self.code(),
        }
        if self.detail:
            body["detail"] = self.detail
        return body | dict(self.members)


class ValidationFailed(Problem):
    """The request has values that cannot be used; see errors."""

    status = 422


class Unauthenticated(Problem):
    """The request does not say who is asking, or its token cannot be used."""

    status = 401


class Forbidden(Problem):
    """Who is asking may not do this."""

    status = 403


class OwnAffair(Problem):
    """Somebody else has to do this, since money would go to you."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else."""

    status = 404


class ReferenceReused(Problem):
    """This reference was used for something else."""

    status = 409


class TooManyRequests(Problem):
    """Too many requests of this kind came from you; see Retry-After."""

    status = 429


class ServiceUnavailable(Problem):
    """A part that this needs is out of reach; whether it was done is unknown, so ask again."""

    status = 503

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        """Ask the caller to come back after ``retry_after`` seconds."""
        super().__init__(detail, retry_after=retry_after)


class Overloaded(ServiceUnavailable):
    """More is asked for than can be answered now; nothing was done, so ask again."""


def invalid(pointer: str, detail: str) -> ValidationFailed:
    """Make the problem of one wrong value; ``pointer`` is a JSON pointer such as ``#/lines/0``."""
    return ValidationFailed(errors=[{"pointer": pointer, "detail": detail}])
