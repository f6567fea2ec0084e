"""Refusals in Razorpay's envelope: the words here are what its clients read."""

from typing import Any

BAD_REQUEST = 400
UNAUTHORIZED = 401
CONFLICT = 409

SERVER_ERROR_BODY: dict[str, Any] = {
    "error": {
        "code": "SERVER_ERROR",
        "description": (
            "The server encountered an error. The incident has been reported to admins."
        ),
        "metadata": {},
    }
}


class ApiError(Exception):
    """A request is refused with a status and an error object."""

    def __init__(self, error: dict[str, Any], status: int = BAD_REQUEST) -> None:
        super().__init__(error.get("description"))
        self.error = error
        self.status = status

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that the client receives."""
        return {"error": self.error}


def invalid(
    description: str,
    *,
    field: str | None = None,
    reason: str = "input_validation_failed",
    step: str = "payment_initiation",
    metadata: dict[str, str] | None = None,
) -> ApiError:
    """Build a refusal that blames the merchant's input."""
    error: dict[str, Any] = {
        "code": "BAD_REQUEST_ERROR",
        "description": description,
        "source": "business",
        "step": step,
        "reason": reason,
        "metadata": metadata or {},
    }
    if field is not None:
        error["field"] = field
    return ApiError(error)


def refused(description: str, status: int = BAD_REQUEST) -> ApiError:
    """Build a refusal whose source, step and reason Razorpay leaves open."""
    error = {
        "code": "BAD_REQUEST_ERROR",
        "description": description,
        "source": "NA",
        "step": "NA",
        "reason": "NA",
        "metadata": {},
    }
    return ApiError(error, status)


def authentication_failed() -> ApiError:
    """Build the answer to a wrong or missing key pair."""
    error = {"code": "BAD_REQUEST_ERROR", "description": "Authentication failed"}
    return ApiError(error, UNAUTHORIZED)


def unknown_url() -> ApiError:
    """Build the answer to a path, or a method on it, that the API does not have."""
    return refused("The requested URL was not found on the server.")


def unknown_id() -> ApiError:
    """Build the answer to an id that is well formed and not ours."""
    return invalid("The id provided does not exist")


def malformed_id(text: str) -> ApiError:
    """Build the answer to an id of the wrong shape."""
    return invalid(f"{text} is not a valid id")


def extra_fields(names: list[str]) -> ApiError:
    """Build the answer to fields that the endpoint does not take."""
    listed = ", ".join(names)
    return invalid(
        f"{listed} is/are not required and should not be sent", reason="extra_field_sent"
    )


def order_already_paid() -> ApiError:
    """Build the answer to money for an order that has all of it."""
    return invalid(
        "Your payment has been declined as the order is already paid. "
        "Please initiate the payment with a new order.",
        reason="order_already_paid",
    )
