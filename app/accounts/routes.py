"""Registering, signing in and out, and one's own account and addresses."""

from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from app.accounts import accounts, addresses, guests, passwords, second_factor, verification
from app.accounts.errors import (
    AccountNotFound,
    AddressNotFound,
    EmailTaken,
    LastAdmin,
    ResetRefused,
    SecondFactorNeeded,
    SecondFactorUnset,
    SessionEnded,
    VerificationRefused,
    WrongCode,
    WrongCredentials,
    WrongPassword,
)
from app.accounts.models import SignedInSession, User
from app.accounts.schemas import (
    AccountChangeSchema,
    AccountPageSchema,
    AccountQuery,
    AccountSchema,
    AddressListSchema,
    AddressSchema,
    CredentialsSchema,
    EmailSchema,
    NewPasswordSchema,
    PasswordChangeSchema,
    RegisteredSchema,
    RegistrationSchema,
    RoleSchema,
    SavedAddressSchema,
    TokenSchema,
    TokensSchema,
)
from app.core import jobs, limits
from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.auth import (
    customer_id,
    guest_along,
    issue_tokens,
    refreshing,
    session_id,
    session_ids,
    signed_in,
)
from app.core.db import transaction
from app.core.limits import by_account, by_address
from app.core.pages import Page
from app.core.problems import Forbidden, TooManyRequests, Unauthenticated, ValidationFailed

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in and out")
admin = Blueprint(
    "admin_accounts", __name__, url_prefix="/api/v1/admin/accounts", description="Accounts"
)
me = Blueprint("me", __name__, url_prefix="/api/v1/me", description="Your account")


@auth.post("/guest")
@auth.doc(operationId="come_in_as_guest")
@by_address
@auth.response(201, TokensSchema)
@auth.raises(TooManyRequests)
def come_in() -> dict[str, Any]:
    """Come in as a guest, with a cart of your own; you tell who you are when you buy."""
    with transaction() as session:
        guest = guests.make(session)
        session.flush()
        started = accounts.start_session(session, guest)
    return _tokens(guest, started)


@auth.post("/register")
@by_address
@auth.arguments(RegistrationSchema)
@auth.response(201, RegisteredSchema)
@auth.raises(EmailTaken, Unauthenticated, ValidationFailed, TooManyRequests)
def register(registration: dict[str, Any]) -> dict[str, Any]:
    """Make an account and sign in; a guest's token sent along makes it theirs, orders and all."""
    guest = guest_along()
    registration["password_hash"] = passwords.hash_password(registration.pop("password"))
    with transaction() as session:
        user = guest and guests.become_customer(session, guest, **registration)
        user = user or accounts.register(session, **registration)
        jobs.stage(session, "mail.send_verification", user_id=str(user.id))
        started = accounts.start_session(session, user)
    return _tokens(user, started) | {"account": user}


@auth.post("/login")
@auth.doc(operationId="log_in")
@by_address
@by_account
@auth.arguments(CredentialsSchema)
@auth.response(200, TokensSchema)
@auth.raises(
    WrongCredentials,
    SecondFactorNeeded,
    SecondFactorUnset,
    Unauthenticated,
    ValidationFailed,
    TooManyRequests,
)
def login(credentials: dict[str, Any]) -> dict[str, Any]:
    """Sign in; a guest's token sent along puts their cart into yours."""
    guest, code = guest_along(), credentials.pop("code")
    with transaction() as session:
        user = accounts.authenticate(session, **credentials)
        _check_second_factor(session, user, code)
        if guest is not None:
            guests.hand_over(session, guest, user)
        started = accounts.start_session(session, user)
    return _tokens(user, started)


@auth.post("/refresh")
@auth.doc(operationId="refresh_tokens")
@by_address
@refreshing
@auth.response(200, TokensSchema)
@auth.raises(SessionEnded, SecondFactorUnset, Unauthenticated, TooManyRequests)
def refresh() -> dict[str, Any]:
    """Exchange the refresh token, sent as bearer, for a new pair; each is good for one exchange."""
    with transaction() as session:
        user = accounts.find(session, customer_id())
        second_factor.require_of_admins(user, is_needed=_is_needed())
        renewed = accounts.renew_session(session, *session_ids())
    if renewed is None:
        raise SessionEnded
    return _tokens(user, renewed)


@auth.post("/logout")
@auth.doc(operationId="log_out")
@refreshing
@auth.response(204)
@auth.raises(Unauthenticated)
def logout() -> None:
    """End the session whose refresh token is sent as bearer."""
    session_id, _ = session_ids()
    with transaction() as session:
        accounts.end_session(session, session_id)


@auth.post("/logout-everywhere")
@auth.doc(operationId="log_out_everywhere")
@signed_in
@auth.response(204)
@auth.raises(Unauthenticated)
def logout_everywhere() -> None:
    """End all your sessions, this one too."""
    with transaction() as session:
        accounts.end_sessions(session, customer_id())


@auth.post("/forgot-password")
@by_address
@by_account
@auth.arguments(EmailSchema)
@auth.response(204)
@auth.raises(ValidationFailed, TooManyRequests)
def forgot_password(body: dict[str, str]) -> None:
    """Have a mail sent by which a password is set anew; the answer does not tell to whom."""
    with transaction() as session:
        passwords.ask_for_reset(session, body["email"])


@auth.post("/reset-password")
@by_address
@auth.arguments(NewPasswordSchema)
@auth.response(204)
@auth.raises(ValidationFailed, ResetRefused, TooManyRequests)
def reset_password(body: dict[str, str]) -> None:
    """Set a password by the token of that mail, once; all sessions of the account end."""
    password_hash = passwords.hash_password(body["password"])
    with transaction() as session:
        accounts.end_sessions(session, passwords.reset(session, body["token"], password_hash))


@auth.post("/verify-email")
@by_address
@auth.arguments(TokenSchema)
@auth.response(204)
@auth.raises(ValidationFailed, VerificationRefused, TooManyRequests)
def verify_email(body: dict[str, str]) -> None:
    """Verify an address by the token of the mail that was sent there."""
    with transaction() as session:
        verification.verify(session, _secret(), body["token"])


@me.post("/verify-email")
@signed_in
@me.response(204)
@me.raises(Unauthenticated, SessionEnded)
def send_verification() -> None:
    """Have the mail sent again by which your address is verified."""
    with transaction() as session:
        user = accounts.find(session, customer_id())
        jobs.stage_once(session, "mail.send_verification", user_id=str(user.id))


@me.post("/change-password")
@signed_in
@me.arguments(PasswordChangeSchema)
@me.response(204)
@me.raises(Unauthenticated, SessionEnded, WrongPassword, ValidationFailed)
def change_password(body: dict[str, str]) -> None:
    """Change your password; your other sessions end."""
    password_hash = passwords.hash_password(body["new_password"])
    with transaction() as session:
        user = accounts.find(session, customer_id())
        if not passwords.is_right(user, body["current_password"]):
            raise WrongPassword
        user.password_hash = password_hash
        accounts.end_sessions(session, user.id, but=session_id())


@me.patch("")
@signed_in
@me.arguments(AccountChangeSchema)
@me.response(200, AccountSchema)
@me.raises(Unauthenticated, SessionEnded, ValidationFailed)
def change_account(body: dict[str, Any]) -> User:
    """Change your name or phone; orders keep what they were placed with."""
    with transaction() as session:
        user = accounts.find(session, customer_id())
        for name, value in body.items():
            setattr(user, name, value)
        return user


@me.get("")
@signed_in
@me.response(200, AccountSchema)
@me.raises(Unauthenticated)
def show_account() -> User:
    """Show your account."""
    with transaction() as session:
        return accounts.find(session, customer_id())


@me.get("/addresses")
@signed_in
@me.response(200, AddressListSchema)
@me.raises(Unauthenticated)
def list_addresses() -> dict[str, Any]:
    """List your addresses."""
    with transaction() as session:
        return {"items": addresses.of(session, customer_id())}


@me.post("/addresses")
@signed_in
@me.arguments(AddressSchema)
@me.response(201, SavedAddressSchema)
@me.raises(Unauthenticated, ValidationFailed)
def add_address(address: dict[str, Any]) -> Any:
    """Add an address."""
    with transaction() as session:
        accounts.find(session, customer_id())
        return addresses.add(session, customer_id(), address)


@me.get("/addresses/<uuid:address_id>")
@signed_in
@me.response(200, SavedAddressSchema)
@me.raises(Unauthenticated, AddressNotFound)
def show_address(address_id: UUID) -> Any:
    """Show one of your addresses."""
    with transaction() as session:
        return addresses.find(session, customer_id(), address_id)


@me.put("/addresses/<uuid:address_id>")
@signed_in
@me.arguments(AddressSchema)
@me.response(200, SavedAddressSchema)
@me.raises(Unauthenticated, AddressNotFound, ValidationFailed)
def change_address(address: dict[str, Any], address_id: UUID) -> Any:
    """Change one of your addresses; orders keep the one they were placed with."""
    with transaction() as session:
        return addresses.change(session, customer_id(), address_id, address)


@me.delete("/addresses/<uuid:address_id>")
@signed_in
@me.response(204)
@me.raises(Unauthenticated, AddressNotFound)
def remove_address(address_id: UUID) -> None:
    """Remove one of your addresses; orders keep the one they were placed with."""
    with transaction() as session:
        addresses.remove(session, customer_id(), address_id)


def _check_second_factor(session: Session, user: User, code: str | None) -> None:
    """Take the code of who has a second factor; a wrong one is refused as a password is."""
    second_factor.require_of_admins(user, is_needed=_is_needed())
    if not second_factor.is_on(user):
        return
    if code is None:
        raise SecondFactorNeeded
    limits.count_code(user.id)
    try:
        second_factor.use(session, user, code, shop_secret=_secret())
    except WrongCode:
        raise WrongCredentials from None


def _is_needed() -> bool:
    return bool(current_app.config["ORA"].admins_need_second_factor == "on")


def _tokens(user: User, started: SignedInSession) -> dict[str, Any]:
    return issue_tokens(
        user.id, role=user.role, session_id=started.id, refresh_id=started.refresh_id
    )


@admin.get("")
@for_admins
@admin.arguments(AccountQuery, location="query")
@admin.response(200, AccountPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_accounts(query: dict[str, Any]) -> Page[User]:
    """List accounts, the newest first."""
    with transaction() as session:
        return accounts.page(session, **query)


@admin.post("/<uuid:account_id>/role")
@for_admins
@admin.arguments(RoleSchema)
@admin.response(200, AccountSchema)
@admin.raises(Unauthenticated, Forbidden, AccountNotFound, LastAdmin, ValidationFailed)
def give_role(body: dict[str, str], account_id: UUID) -> User:
    """Give an account a role; its sessions end, and their tokens with them."""
    with transaction() as session:
        return accounts.give_role(session, account_id, body["role"])


def _secret() -> str:
    secret: str = current_app.config["ORA"].secret_key.get_secret_value()
    return secret
