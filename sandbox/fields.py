"""What a request may carry: JSON bodies, amounts, notes and the page of a list."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from flask import request

from sandbox.errors import extra_fields, invalid
from sandbox.store import Page

MINIMUM_AMOUNT = 100
# Five crore rupees in paise: far above any jewel, well below any overflow.
MAXIMUM_AMOUNT = 5_00_00_000 * 100

RECEIPT_LENGTH = 40
NOTES_COUNT = 15
NOTE_LENGTH = 256

DEFAULT_COUNT = 10
MAXIMUM_COUNT = 100
# SQLite counts rows in 64 bits; nobody skips a billion of them.
MAXIMUM_SKIP = 10**9
EARLIEST = 946684800
LATEST = 4765046400

_WHOLE_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def json_body(allowed: Collection[str] | None = None) -> dict[str, Any]:
    """
    Return the request's JSON object; no body at all is an empty one.

    Raises:
        ApiError: it is not JSON, not an object, or has a field that is not allowed.
            Without a list of them, any field is.
    """
    raw = request.get_data()
    try:
        body = json.loads(raw, parse_constant=_refuse_constant) if raw.strip() else {}
        # A lone surrogate parses, yet can be neither stored nor sent.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise invalid("The request body is not valid JSON.") from exc
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    if allowed is not None and (unknown := [name for name in body if name not in allowed]):
        raise extra_fields(unknown)
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def required(body: Mapping[str, Any], name: str) -> Any:
    """Return a field, or refuse a body without it."""
    if body.get(name) is None:
        raise invalid(f"The {name.replace('_', ' ')} field is required.", field=name)
    return body[name]


def whole(body: Mapping[str, Any], name: str) -> int:
    """Return a required whole number; 100.0 and "100" are not whole numbers."""
    value = required(body, name)
    if type(value) is not int:
        raise invalid(f"The {name.replace('_', ' ')} must be an integer.", field=name)
    return value


def amount(body: Mapping[str, Any], name: str = "amount") -> int:
    """Return a required amount in paise, of one rupee or more."""
    paise = whole(body, name)
    if paise < MINIMUM_AMOUNT:
        raise invalid("The amount must be at least INR 1.00", field=name)
    return within_limit(paise, name)


def order_amount(body: Mapping[str, Any]) -> int:
    """Return the amount of a new order, which has its own words for too little."""
    paise = whole(body, "amount")
    if paise < MINIMUM_AMOUNT:
        raise invalid(
            "Order amount less than minimum amount allowed",
            field="amount",
            step="order_creation",
            reason="amount_less_than_minimum_amount",
        )
    return within_limit(paise, "amount")


def within_limit(paise: int, name: str) -> int:
    """Return the amount, or refuse one above the account's limit."""
    if paise > MAXIMUM_AMOUNT:
        raise invalid("Amount exceeds maximum amount allowed.", field=name)
    return paise


def currency(body: Mapping[str, Any]) -> str:
    """Return the currency, which this account has one of."""
    code = required(body, "currency")
    if code != "INR":
        raise invalid("Currency is not supported", field="currency")
    return "INR"


def text(body: Mapping[str, Any], name: str, *, longest: int = 255) -> str | None:
    """Return an optional text."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(f"The {name} must be a string.", field=name)
    if len(value) > longest:
        raise invalid(f"The {name} may not be greater than {longest} characters.", field=name)
    return value


def choice(body: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> Any:
    """Return one of a few words; the first one where the field is not sent."""
    value = body.get(name, choices[0])
    if value not in choices:
        raise invalid(f"The {name} must be one of {', '.join(choices)}.", field=name)
    return value


def moment(body: Mapping[str, Any], name: str) -> int | None:
    """Return an optional time in Unix seconds."""
    return None if body.get(name) is None else _plausible(whole(body, name), name)


def flag(body: Mapping[str, Any], name: str) -> bool:
    """Return an optional switch; Razorpay reads 1 and 0 as it reads true and false."""
    value = body.get(name, False)
    if not isinstance(value, (bool, int)) or value not in (0, 1):
        raise invalid(f"The {name} field must be true or false.", field=name)
    return bool(value)


def notes(body: Mapping[str, Any]) -> dict[str, Any] | list[Any]:
    """Return the notes, as an empty list where there are none."""
    given = body.get("notes") or []
    if given == []:
        return []
    if not isinstance(given, dict):
        raise invalid("The notes must be an array.", field="notes")
    if len(given) > NOTES_COUNT:
        raise invalid(
            f"Number of fields in notes should be less than or equal to {NOTES_COUNT}",
            field="notes",
        )
    for name, value in given.items():
        _check_note(name, value)
    return given


def _check_note(name: str, value: object) -> None:
    if value is not None and not isinstance(value, (str, int, float)):
        raise invalid(f"The value of note {name} must be a string.", field="notes")
    if max(len(name), len(str(value))) > NOTE_LENGTH:
        raise invalid(
            f"Notes may not have keys or values greater than {NOTE_LENGTH} characters.",
            field="notes",
        )


def page(parent_id: str | None = None, allowed: Collection[str] = ()) -> Page:
    """Return the part of a list that the query asks for."""
    query = request.args
    known = {"count", "skip", "from", "to", "expand[]", *allowed}
    if unknown := [name for name in query if name not in known]:
        raise extra_fields(unknown)
    return Page(
        count=_bounded("count", 1, MAXIMUM_COUNT) or DEFAULT_COUNT,
        skip=_bounded("skip", 0, MAXIMUM_SKIP) or 0,
        created_from=_query_moment("from"),
        created_to=_query_moment("to"),
        receipt=query.get("receipt"),
        is_authorized=_query_flag("authorized"),
        parent_id=parent_id,
    )


def _bounded(name: str, least: int, most: int) -> int | None:
    number = _query_number(name)
    if number is not None and number < least:
        raise invalid(f"The {name} must be at least {least}.", field=name)
    if number is not None and number > most:
        raise invalid(f"The {name} may not be greater than {most}.", field=name)
    return number


def _query_flag(name: str) -> bool | None:
    number = _bounded(name, 0, 1)
    return None if number is None else bool(number)


def _query_moment(name: str) -> int | None:
    seconds = _query_number(name)
    return None if seconds is None else _plausible(seconds, name)


def _plausible(seconds: int, name: str) -> int:
    if not EARLIEST <= seconds <= LATEST:
        raise invalid(f"{name} must be between {EARLIEST} and {LATEST}")
    return seconds


def _query_number(name: str) -> int | None:
    given = request.args.get(name)
    if given is None:
        return None
    if not _WHOLE_NUMBER.fullmatch(given):
        raise invalid(f"The {name} must be an integer.", field=name)
    return int(given)


def is_expanded(name: str) -> bool:
    """Tell whether the query asks for this part in full."""
    return name in request.args.getlist("expand[]")
