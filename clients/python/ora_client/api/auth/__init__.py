"""auth: 9 operations."""

from .come_in_as_guest import come_in_as_guest
from .forgot_password import forgot_password
from .log_in import log_in
from .log_out import log_out
from .log_out_everywhere import log_out_everywhere
from .refresh_tokens import refresh_tokens
from .register import register
from .reset_password import reset_password
from .verify_email import verify_email

__all__ = [
    "come_in_as_guest",
    "forgot_password",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "refresh_tokens",
    "register",
    "reset_password",
    "verify_email",
]
