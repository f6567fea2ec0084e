"""Problems of merchandising."""

from app.core.problems import NotFound, Problem


class ProductUnknown(NotFound):
    """There is no product with this SKU."""


class ProductTaken(Problem):
    """Another product has this SKU, slug or HUID."""

    status = 409


class ProductChanged(Problem):
    """Somebody changed this product since you read it; read it again."""

    status = 409


class CategoryUnknown(NotFound):
    """There is no such category."""


class CategoryTaken(Problem):
    """There is a category with this slug."""

    status = 409


class ImageRefused(Problem):
    """The picture cannot be taken; see detail."""

    status = 422


class TooManyImages(Problem):
    """The product has as many images as it may have; remove one first."""

    status = 409
