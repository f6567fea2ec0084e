"""Problems of transfers."""

from app.core.problems import NotFound, Problem


class ImportNotFound(NotFound):
    """There is no such import."""


class FileRefused(Problem):
    """The file cannot be read as a table of this kind; see detail."""

    status = 422


class FileTooLarge(Problem):
    """The file has more than can be imported at once; take it apart."""

    status = 413


class TrialOver(Problem):
    """This file was not tried without errors, or that is too long ago; hand it in again."""

    status = 409


class NotCsv(Problem):
    """An import is sent as text/csv."""

    status = 415
