"""Problems of accounts."""

from app.core.problems import NotFound, Problem, Unauthenticated


class EmailTaken(Problem):
    """There is an account with this mail address."""

    status = 409


class WrongCredentials(Unauthenticated):
    """The mail address and the password do not belong together."""


class SessionEnded(Unauthenticated):
    """The session has ended or its refresh token was used before; sign in again."""


class AddressNotFound(NotFound):
    """There is no such address among yours."""
