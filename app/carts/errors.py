"""Problems of carts."""

from app.core.problems import Problem


class CartFull(Problem):
    """The cart cannot take more different products."""

    status = 422


class CartEmpty(Problem):
    """There is nothing in the cart to buy."""

    status = 422
