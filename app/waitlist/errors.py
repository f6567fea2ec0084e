"""Problems of the waitlist."""

from app.core.problems import Problem


class AvailableNow(Problem):
    """The product can be bought now, so there is nothing to wait for."""

    status = 409
