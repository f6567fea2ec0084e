"""Problems of accounts."""

from app.core.problems import NotFound, Problem, Unauthenticated


class EmailTaken(Problem):
    """There is an account with this mail address."""

    status = 409


class WrongCredentials(Unauthenticated):
    """The mail address and the password do not belong together."""


class SecondFactorNeeded(Unauthenticated):
    """A code of your second factor is needed beside the password."""


class SecondFactorUnset(Problem):
    """Admins need a second factor; set yours up at the back office."""

    status = 403


class SecondFactorOn(Problem):
    """Your second factor is on; switch it off before you set up another one."""

    status = 409


class OwnSecondFactor(Problem):
    """Your own second factor is switched off at your account, by a code of it."""

    status = 409


class WrongCode(Problem):
    """This is no code of yours, or it was used, or its time is over."""

    status = 422


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
