"""The mail that tells the admins what they have to look at."""

from app.alerts.models import Alert


def subject(alert: Alert) -> str:
    """Say what the mail is about."""
    return f"ORA: {alert.kind.replace('_', ' ')}"


def body(alert: Alert) -> str:
    """Say what happened to what, and where it is closed."""
    return f"""\
{alert.kind.replace("_", " ").capitalize()}: {alert.subject}

{alert.detail}

Since {alert.created_at:%d %b %Y %H:%M} UTC. It stays open until its cause is over, or until one
of you closes it: POST /api/v1/admin/alerts/{alert.id}/close
"""
