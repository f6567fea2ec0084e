"""Refusals in Stripe's envelope: the types, codes and statuses are what its clients read."""

from typing import Any, ClassVar


class StripeError(Exception):
    """A request is refused with a status and an error object."""

    BAD_REQUEST: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = BAD_REQUEST,
        kind: str = "invalid_request_error",
        **objects: Any,
    ) -> None:
        super().__init__(message)
        told = {"code": code, "message": message, "param": param, "type": kind, **objects}
        self.error = {name: value for name, value in told.items() if value is not None}
        self.status = status

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that the client receives."""
        return {"error": self.error}


class BadParameterError(StripeError):
    """A parameter is of no use: nothing was begun, and an idempotency key is not used up."""


def missing(param: str) -> BadParameterError:
    """Build the answer to a parameter that had to be sent."""
    return BadParameterError(
        f"Missing required param: {param}.", code="parameter_missing", param=param
    )


def no_such(kind: str, object_id: str, param: str, status: int = 404) -> StripeError:
    """Build the answer to an id that is not in the books."""
    return StripeError(
        f"No such {kind}: '{object_id}'", code="resource_missing", param=param, status=status
    )


def unexpected_state(message: str, intent: dict[str, Any]) -> StripeError:
    """Build the answer to what a payment intent cannot do now; it is shown along."""
    return StripeError(message, code="payment_intent_unexpected_state", payment_intent=intent)


def unknown_url(method: str, path: str) -> StripeError:
    """Build the answer to a path, or a method on it, that is not there."""
    return StripeError(f"Unrecognized request URL ({method}: {path}).", status=404)


def no_key() -> StripeError:
    """Build the answer to a request without a secret key."""
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the "
        "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
        "YOUR_SECRET_KEY').",
        status=401,
    )


def wrong_key(key: str) -> StripeError:
    """Build the answer to a key that is not ours, of which only the ends are told."""
    shown = f"{key[:8]}****{key[-4:]}"
    return StripeError(f"Invalid API Key provided: {shown}", status=401)


def key_in_use(key: str) -> StripeError:
    """Build the answer to an idempotency key whose first request is not answered yet."""
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that "
        "probably means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        code="idempotency_key_in_use",
        kind="idempotency_error",
        status=409,
    )


def key_of_another(key: str, what: str) -> StripeError:
    """Build the answer to an idempotency key that was used for something else."""
    return StripeError(
        f"Keys for idempotent requests can only be used {what} they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def too_many_requests() -> StripeError:
    """Build the answer to a client that asks too often."""
    return StripeError("Request rate limit exceeded.", code="rate_limit", status=429)


def server_error() -> StripeError:
    """Build the answer to what is not the client's fault."""
    return StripeError("An unknown error occurred", kind="api_error", status=500)
