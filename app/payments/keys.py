"""Every Redis key of the room."""


def breaker(gateway: str) -> str:
    """
    Name the hash of what is known of a gateway's failures; gone where that is nothing.

    ``turn`` is the call that opened or closed the breaker last, ``failures`` how many calls have
    failed in a row since, ``failed`` the last of them. Until ``until_ms`` no further call is let
    through, for a pause of ``pause_ms`` or for the call ``trial``; a closed breaker has none of
    these. ``asked_ms`` is when it let a call through last while it was closed.
    """
    return f"breaker:{{{gateway}}}"
