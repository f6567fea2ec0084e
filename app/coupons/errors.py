"""Problems of coupons."""

from app.core.problems import NotFound, Problem


class CouponNotFound(NotFound):
    """There is no such coupon."""


class CouponRefused(Problem):
    """This coupon cannot be used for this purchase; see reason."""

    status = 422


class CouponUsedUp(Problem):
    """This coupon has been used as often as it may be."""

    status = 409


class CouponTaken(Problem):
    """There is a coupon with this code."""

    status = 409


class CouponChanged(Problem):
    """Somebody changed this coupon since you read it; read it again."""

    status = 409


class TermsChangedError(Exception):
    """The coupon is not as it was when a purchase was priced by it."""
