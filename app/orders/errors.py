"""Problems of orders."""

from app.core.problems import NotFound, Problem


class OrderNotFound(NotFound):
    """There is no such order among yours."""


class IllegalTransition(Problem):
    """The order's status does not allow this step."""

    status = 409
