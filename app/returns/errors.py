"""Problems of returns."""

from app.core.problems import NotFound, Problem


class ReturnNotFound(NotFound):
    """There is no such return among yours."""


class ReturnWindowClosed(Problem):
    """The time to return this order is over, or has not begun."""

    status = 409


class UnitsNotReturnable(Problem):
    """Fewer units can be returned than were asked for; see lines."""

    status = 409


class ReturnDecided(Problem):
    """The return is past this step."""

    status = 409


class NothingToExchange(Problem):
    """The return asks for nothing in exchange, or is not approved."""

    status = 409
