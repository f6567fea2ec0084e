"""Fields of requests and answers that marshmallow does not have as strict as we need them."""

import re
import unicodedata
from typing import Any, ClassVar

import phonenumbers
from marshmallow import Schema, ValidationError, fields, validate

from app.core.money import CURRENCY

# Postgres' bigint; a larger number is a mistake, not a wish.
LARGEST_INTEGER = 2**63 - 1
INDIA = 91


class StrictInteger(fields.Integer):
    """A whole number written as one: neither "7" nor 7.0 nor true."""

    def __init__(
        self, *, minimum: int = -LARGEST_INTEGER, maximum: int = LARGEST_INTEGER, **kw: Any
    ) -> None:
        """Accept ``minimum`` to ``maximum``, both included."""
        super().__init__(strict=True, validate=validate.Range(minimum, maximum), **kw)


class StrictBoolean(fields.Boolean):
    """True or false written as such: neither "yes" nor 1."""

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, *args, **kw))


class Text(fields.String):
    """One line of text without control characters, trimmed, in Unicode's composed form."""

    def __init__(
        self, *, minimum: int = 1, maximum: int = 200, pattern: str | None = None, **kw: Any
    ) -> None:
        """Accept ``minimum`` to ``maximum`` characters that match ``pattern`` as a whole."""
        rules: list[validate.Validator] = [validate.Length(minimum, maximum)]
        if pattern:
            # The message is a template, in which the pattern's braces stand for themselves.
            told = pattern.replace("{", "{{").replace("}", "}}")
            rules.append(validate.Regexp(rf"\A(?:{pattern})\Z", error=f"does not match {told}"))
            # Documents know JavaScript's expressions, in which a $ is what \Z is here.
            kw["metadata"] = {"pattern": f"^(?:{pattern})$"} | kw.get("metadata", {})
        super().__init__(validate=rules, **kw)

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        text: str = super()._deserialize(value, *args, **kw)
        # What is printable has none, and that is told at once.
        if not text.isprintable() and any(map(_is_control, text)):
            raise ValidationError("has control characters")
        return unicodedata.normalize("NFC", text).strip()


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")


class Sku(Text):
    """A stock keeping unit, such as ORA-RG-0001."""

    PATTERN = "[A-Z0-9-]{1,40}"

    def __init__(self, **kw: Any) -> None:
        """Accept capital letters, digits and hyphens."""
        super().__init__(
            maximum=40, pattern=self.PATTERN, metadata={"example": "ORA-RG-0001"}, **kw
        )


class CapitalText(Text):
    """Text that is kept in capital letters, however it is written."""

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        return super()._deserialize(value, *args, **kw).upper()


class Phone(Text):
    """An Indian mobile number, kept as +91 and ten digits."""

    def __init__(self, **kw: Any) -> None:
        """Accept the number as people write it, with or without +91."""
        super().__init__(maximum=20, metadata={"example": "+919876543210"}, **kw)

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        text = super()._deserialize(value, *args, **kw)
        if _KEPT_MOBILE.fullmatch(text):
            return text
        try:
            number = phonenumbers.parse(text, "IN")
        except phonenumbers.NumberParseException:
            number = None
        # Without the type, 1234567890 would pass as valid.
        if number is None or not _is_indian_mobile(number):
            raise ValidationError("is not an Indian mobile number")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _kept_mobile() -> re.Pattern[str]:
    """Describe numbers as they are kept, and as most clients send them, by the library's rules."""
    india: Any = phonenumbers.PhoneMetadata.metadata_for_region("IN")
    mobile, fixed = (line.national_number_pattern for line in (india.mobile, india.fixed_line))
    return re.compile(rf"\+{INDIA}(?=[0-9]{{10}}\Z)(?!(?:{fixed})\Z)(?:{mobile})")


# Parsing what is sent so would cost a tenth of a checkout.
_KEPT_MOBILE = _kept_mobile()


def _is_indian_mobile(number: phonenumbers.PhoneNumber) -> bool:
    # What is of a type is valid.
    return (
        number.country_code == INDIA
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    )


class Answer(Schema):
    """
    What is answered, each of its fields always there, so that clients need not ask.

    Some are not for everybody: those stand in ``may_lack``.
    """

    may_lack: ClassVar[frozenset[str]] = frozenset()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let the documentation say so; what is written never asks whether it is required."""
        field_obj.required = field_name not in self.may_lack


class MoneySchema(Schema):
    """An amount of money in whole paise."""

    amount = StrictInteger(required=True, minimum=0, metadata={"example": 309000})
    currency = fields.String(
        required=True, validate=validate.Equal(CURRENCY), metadata={"example": CURRENCY}
    )


class Money(fields.Nested):
    """Whole paise in Python, ``{"amount", "currency"}`` in JSON."""

    def __init__(self, **kw: Any) -> None:
        """Nest the money schema."""
        super().__init__(MoneySchema, **kw)

    def _serialize(  # type: ignore[override]
        self, nested_obj: Any, *_: Any, **__: Any
    ) -> Any:
        return None if nested_obj is None else {"amount": nested_obj, "currency": CURRENCY}

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> Any:
        money = super()._deserialize(value, *args, **kw)
        return money["amount"]


class Instant(fields.AwareDateTime):
    """A moment, as RFC 3339 in UTC with Z."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        if value is None:
            return None
        return str(value.isoformat(timespec="milliseconds")).replace("+00:00", "Z")


class PageQuery(Schema):
    """Which page of a list."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Text(load_default=None, maximum=300)
