"""Registering, signing in and out, and one's own account and addresses."""

from typing import Any
from uuid import UUID

from app.accounts import accounts, addresses
from app.accounts.errors import AddressNotFound, EmailTaken, SessionEnded, WrongCredentials
from app.accounts.models import SignedInSession, User
from app.accounts.schemas import (
    AccountSchema,
    AddressListSchema,
    AddressSchema,
    CredentialsSchema,
    RegisteredSchema,
    RegistrationSchema,
    TokensSchema,
)
from app.core.api import Blueprint
from app.core.auth import customer_id, issue_tokens, refreshing, session_ids, signed_in
from app.core.db import transaction
from app.core.problems import Unauthenticated, ValidationFailed

auth = Blueprint("auth", __name__, url_prefix="/api/v1/auth", description="Signing in and out")
me = Blueprint("me", __name__, url_prefix="/api/v1/me", description="Your account")


@auth.post("/register")
@auth.arguments(RegistrationSchema)
@auth.response(201, RegisteredSchema)
@auth.raises(EmailTaken, ValidationFailed)
def register(registration: dict[str, Any]) -> dict[str, Any]:
    """Make an account and sign in."""
    password_hash = accounts.hash_password(registration.pop("password"))
    with transaction() as session:
        user = accounts.register(session, password_hash=password_hash, **registration)
        started = accounts.start_session(session, user)
    return _tokens(user, started) | {"account": user}


@auth.post("/login")
@auth.arguments(CredentialsSchema)
@auth.response(200, TokensSchema)
@auth.raises(WrongCredentials, ValidationFailed)
def login(credentials: dict[str, Any]) -> dict[str, Any]:
    """Sign in."""
    with transaction() as session:
        user = accounts.authenticate(session, **credentials)
        started = accounts.start_session(session, user)
    return _tokens(user, started)


@auth.post("/refresh")
@refreshing
@auth.response(200, TokensSchema)
@auth.raises(SessionEnded, Unauthenticated)
def refresh() -> dict[str, Any]:
    """Exchange the refresh token, sent as bearer, for a new pair; each is good for one exchange."""
    with transaction() as session:
        user = accounts.find(session, customer_id())
        renewed = accounts.renew_session(session, *session_ids())
    if renewed is None:
        raise SessionEnded
    return _tokens(user, renewed)


@auth.post("/logout")
@refreshing
@auth.response(204)
@auth.raises(Unauthenticated)
def logout() -> None:
    """End the session whose refresh token is sent as bearer."""
    session_id, _ = session_ids()
    with transaction() as session:
        accounts.end_session(session, session_id)


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
@me.response(201, AddressSchema)
@me.raises(Unauthenticated, ValidationFailed)
def add_address(address: dict[str, Any]) -> Any:
    """Add an address."""
    with transaction() as session:
        accounts.find(session, customer_id())
        return addresses.add(session, customer_id(), address)


@me.get("/addresses/<uuid:address_id>")
@signed_in
@me.response(200, AddressSchema)
@me.raises(Unauthenticated, AddressNotFound)
def show_address(address_id: UUID) -> Any:
    """Show one of your addresses."""
    with transaction() as session:
        return addresses.find(session, customer_id(), address_id)


@me.put("/addresses/<uuid:address_id>")
@signed_in
@me.arguments(AddressSchema)
@me.response(200, AddressSchema)
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


def _tokens(user: User, started: SignedInSession) -> dict[str, Any]:
    return issue_tokens(
        user.id, role=user.role, session_id=started.id, refresh_id=started.refresh_id
    )
