"""How long the tests of races take: seconds in the normal suite, or as long as they are given."""

import os


def is_long() -> bool:
    """Tell whether ORA_TESTS asks for the long ones."""
    return os.environ.get("ORA_TESTS") == "long"
