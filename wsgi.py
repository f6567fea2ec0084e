"""What a WSGI server runs, and what the flask command finds."""

import gc
import sys

from click import get_current_context

from app import create_app
from app.audit.settings import record_settings
from app.config import ConfigurationError
from app.core import gate

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(str(error))
settings = app.config["ORA"]
app.wsgi_app = gate.guard(  # type: ignore[method-assign]
    app.wsgi_app,
    at_once=settings.web_at_once,
    waiting=settings.web_waiting,
    seconds=settings.web_longest_wait_seconds,
)
# A command's environment is its operator's, not the shop's.
if get_current_context(silent=True) is None:
    record_settings(settings, "web")
# What is loaded by now stays for good: the collector of garbage need not look at it again.
gc.freeze()
