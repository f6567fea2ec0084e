"""The words in which the API speaks of accounts and addresses."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.core.auth import GUEST
from app.core.fields import Answer, Instant, PageQuery, Phone, Text
from app.core.india import STATE_CODES

ROLES = ("customer", "staff", "admin")
SHORTEST_PASSWORD = 10


class Email(Text):
    """A mail address, kept in lower case."""

    def __init__(self) -> None:
        """Accept what mail servers accept, up to 254 characters (RFC 5321)."""
        super().__init__(required=True, maximum=254, metadata={"example": "meera@example.com"})
        self.validators.append(validate.Email())

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        return super()._deserialize(value, *args, **kw).lower()


class Password(fields.String):
    """A password: long rather than adorned, and bounded since hashing it costs."""

    def __init__(self, *, minimum: int = 1) -> None:
        """Accept ``minimum`` to 128 characters."""
        super().__init__(
            required=True,
            load_only=True,
            validate=validate.Length(minimum, 128),
            metadata={"example": "a long sentence of yours", "format": "password"},
        )

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        password: str = super()._deserialize(value, *args, **kw)
        try:
            password.encode()
        except UnicodeEncodeError:
            raise ValidationError("has half of a surrogate pair") from None
        return password


class RegistrationSchema(Schema):
    """A new account."""

    email = Email()
    password = Password(minimum=SHORTEST_PASSWORD)
    name = Text(required=True, maximum=100, metadata={"example": "Meera Iyer"})
    phone = Phone(load_default=None, allow_none=True)


class CredentialsSchema(Schema):
    """Who signs in."""

    email = Email()
    password = Password()
    code = Text(
        load_default=None, allow_none=True, pattern="[0-9]{6}",
        metadata={"example": "287082", "description": "of the second factor, where one is on"},
    )  # fmt: skip


class ContactSchema(Schema):
    """How a guest is reached."""

    name = Text(required=True, maximum=100, metadata={"example": "Meera Iyer"})
    email = Email()
    phone = Phone(required=True)


class EmailSchema(Schema):
    """Whose account."""

    email = Email()


class NewPasswordSchema(Schema):
    """A password that is set by the link of a mail."""

    token = Text(required=True, maximum=300)
    password = Password(minimum=SHORTEST_PASSWORD)


class TokenSchema(Schema):
    """What the link of a mail carries."""

    token = Text(required=True, maximum=1_000)


class PasswordChangeSchema(Schema):
    """A password in the place of the present one."""

    current_password = Password()
    new_password = Password(minimum=SHORTEST_PASSWORD)


class ConfirmationSchema(Schema):
    """The password once more, for what cannot be undone."""

    password = Password()


class AccountChangeSchema(Schema):
    """What changes of an account; what is left out stays."""

    name = Text(maximum=100)
    phone = Phone(allow_none=True)


class AccountQuery(PageQuery):
    """Which accounts."""

    email = Text(load_default=None, maximum=254)
    role = fields.String(load_default=None, validate=validate.OneOf((GUEST, *ROLES)))


class RoleSchema(Schema):
    """What an account may do."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))


class AccountSchema(Answer):
    """An account."""

    id = fields.UUID()
    email = fields.String()
    name = fields.String()
    phone = fields.String(allow_none=True)
    role = fields.String()
    email_verified_at = Instant(allow_none=True)
    created_at = Instant()


class TokensSchema(Answer):
    """What a signed-in client sends along: the access token, until the refresh token gets a new."""

    access_token = fields.String()
    refresh_token = fields.String()
    expires_in = fields.Integer(metadata={"description": "seconds"})


class RegisteredSchema(TokensSchema):
    """A new account, signed in."""

    account = fields.Nested(AccountSchema)


class AddressSchema(Schema):
    """An address in India."""

    name = Text(required=True, maximum=100, metadata={"example": "Meera Iyer"})
    phone = Phone(required=True)
    line1 = Text(required=True, metadata={"example": "14 Temple Street"})
    line2 = Text(load_default=None, allow_none=True, metadata={"example": "Mylapore"})
    city = Text(required=True, maximum=100, metadata={"example": "Chennai"})
    state = fields.String(
        required=True,
        validate=validate.OneOf(sorted(STATE_CODES)),
        metadata={"example": "Tamil Nadu"},
    )
    pincode = Text(
        required=True, maximum=6, pattern="[1-9][0-9]{5}", metadata={"example": "600004"}
    )


class SavedAddressSchema(Answer, AddressSchema):
    """An address of an account."""

    id = fields.UUID()
    country = fields.Constant("IN")


class AddressListSchema(Answer):
    """All addresses of an account."""

    items = fields.List(fields.Nested(SavedAddressSchema))


class AccountPageSchema(Answer):
    """A page of accounts, the newest first."""

    items = fields.List(fields.Nested(AccountSchema))
    next_cursor = fields.String(allow_none=True)
