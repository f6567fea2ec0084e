"""
What is withheld from logs, traces and reports of errors: whatever tells who somebody is, or opens.

A key that is not on the list is not told at all, so that a new one is thought about before it is;
texts, which nobody can foresee, lose what looks like something personal or secret.
"""

import re
from collections.abc import Mapping
from typing import Any

WITHHELD = "[withheld]"
# Every key that an event may have.
KEYS = frozenset(
    {
        # Of every event.
        "event", "level", "timestamp", "logger", "exception",
        # What it belongs to.
        "request_id", "request_ids", "job", "job_id", "job_ids", "order_id", "order_ids",
        "event_id", "event_ids", "payment_id", "subscriber_id", "gateway", "gateway_id", "sku",
        "queue", "trace_id",
        # What it was.
        "announced", "answer", "attempts", "code", "detail", "drifts", "due", "duration_ms",
        "epochs", "error", "field", "file", "is_repeated", "is_shared", "jobs", "kind", "lane",
        "members", "method", "note", "pause_ms", "products", "reason", "reference", "requests",
        "route", "rows", "status",
        "subject", "told", "customers", "after", "what",
    }
)  # fmt: skip

# Values of these are the program's own words, of every line that is written.
_OUR_WORDS = frozenset({"level", "timestamp", "method", "route", "job", "queue"})
# Names and ids, in which none of what is looked for below can be: nearly all that is ever told.
_HARMLESS = re.compile(
    r"[a-z]+(?:\.[a-z_]+)*|(?=[0-9]*[a-f])[0-9a-f]{16,32}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_LETTERS = r"[\w.+'-]"
# Where what Postgres adds to an error is over.
_ADDED = r"\b(?:DETAIL|CONTEXT):.*?(?=\n(?:The above|During handling|Traceback|\[SQL|  File)|\Z)"
_ASSIGNED = r"\b(\w*(?:secret|password|token|api_?key)\w*['\"]?\s*[=:]\s*)[^\s,;&)}]+"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # It quotes the row.
    (re.compile(_ADDED, re.DOTALL), WITHHELD),
    (re.compile(r"\[parameters: .*"), WITHHELD),
    (re.compile(r"(://[^\s:/@]*):[^\s@/]+@"), r"\1:[secret]@"),
    (re.compile(rf"{_LETTERS}+@{_LETTERS}+"), "[mail]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE), r"\1 [token]"),
    (re.compile(_ASSIGNED, re.IGNORECASE), r"\1[secret]"),
    (re.compile(r"\b(?:sk|rk|pk|whsec|rzp)_(?:live_|test_)?\w{6,}"), "[secret]"),
    (re.compile(r"(?<![A-Z0-9])[A-Z]{5}\d{4}[A-Z](?![A-Z0-9])"), "[pan]"),
    (re.compile(r"(?<![\w.-])(?:\+\d{1,3}[ -]?)?[6-9]\d{4}[ -]?\d{5}(?![\w-])"), "[phone]"),
)
_DIGITS = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
# Codes and ids are told; what else is quoted by an error may be what somebody has typed.
_QUOTED = re.compile(r"(?<!\w)(['\"])((?:(?!\1)[^\n\\]|\\.)*)\1(?!\w)")
_CODE = re.compile(r"[a-z0-9_.:/-]*|[A-Z0-9-]+")
LONGEST_TEXT = 20_000


def clean(text: str) -> str:
    """Take out of a text what looks like a mail address, a number of somebody's, or a secret."""
    if _HARMLESS.fullmatch(text):
        return text
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return _DIGITS.sub(_unless_card, text[:LONGEST_TEXT])


def told(error: BaseException) -> str:
    """Tell of an error which it is and what it says, but for what it quotes."""
    return f"{type(error).__name__}: {unquoted(str(error).strip())}"


def unquoted(text: str) -> str:
    """Clean what an error says: what it quotes may be what somebody has typed."""
    return _without_quotes(clean(text))


def clean_traceback(text: str) -> str:
    """Clean the rendering of an error: lines of code, which are indented, quote nobody."""
    text = clean(text)
    return "\n".join(
        line if line.startswith(" ") else _without_quotes(line) for line in text.split("\n")
    )


def withhold(_logger: Any, _method: str, told_of: Any) -> Any:
    """Let an event have the keys it may have, with values that may be told; for structlog."""
    return {
        key: value if key in _OUR_WORDS else _tell(value) if key in KEYS else WITHHELD
        for key, value in told_of.items()
    }


def without(value: Any) -> Any:
    """Clean whatever is nested, text by text."""
    return _tell(value)


def _tell(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, BaseException):
        return told(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _tell(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_tell(each) for each in value]
    return clean(str(value))


def _without_quotes(line: str) -> str:
    return _QUOTED.sub(lambda found: found[0] if _CODE.fullmatch(found[2]) else WITHHELD, line)


def _unless_card(found: re.Match[str]) -> str:
    digits = [int(digit) for digit in found[0] if digit.isdecimal()]
    # Luhn's sum: that of a card's number is a multiple of ten, and of few other numbers.
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return "[card]" if (sum(digits[-1::-2]) + doubled) % 10 == 0 else found[0]
