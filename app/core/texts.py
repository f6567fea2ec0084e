"""Texts that come from outside."""


def storable(value: object) -> str | None:
    """Take a text that Postgres can take too; None for an empty one and for anything else."""
    if not isinstance(value, str) or "\x00" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can spell half of a character, which no database stores.
        return None
    return value or None
