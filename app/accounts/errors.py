"""Problems of accounts."""

from app.core.problems import NotFound, Problem, Unauthenticated


class EmailTaken(Problem):
    """There is an account with this mail address."""

    status = 409


class WrongCredentials(Unauthenticated):
    """The mail address and the password do not belong together."""


class WrongPassword(Problem):
    """This is not the password of your account."""

    status = 422


class ResetRefused(Problem):
    """This link was used or is too old; ask for a new one."""

    status = 422


class VerificationRefused(Problem):
    """This link does not verify an address, or is too old; ask for a new one."""

    status = 422


class AccountNotFound(NotFound):
    """There is no such account."""


class NoteNotFound(NotFound):
    """There is no such note."""


class LastAdmin(Problem):
    """This is the last admin; make another one first."""

    status = 409


class SessionEnded(Unauthenticated):
    """The session has ended or its refresh token was used before; sign in again."""


class AddressNotFound(NotFound):
    """There is no such address among yours."""
