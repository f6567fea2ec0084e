"""What an operator is told instead of a traceback."""


class OpsError(Exception):
    """Something that cannot be done, and why; nothing was changed by it."""
