"""What a WSGI server runs, and what the flask command finds."""

import gc
import sys

from click import get_current_context

from app import create_app
from app.audit.settings import record_settings
from app.cli import CHECK
from app.config import ConfigurationError, load_settings
from app.core import draining, gate
from app.production import refuse_unsafe_servers

# A command's environment is its operator's, not the shop's; one looks at what is unsafe itself.
is_command = get_current_context(silent=True) is not None
is_check = is_command and CHECK in sys.argv
try:
    settings = load_settings(refuses_unsafe=not is_check)
    app = create_app(settings)
    rules = gate.rules(
        settings.web_at_once, settings.web_waiting, settings.web_longest_wait_seconds
    )
    if not is_command:
        refuse_unsafe_servers(settings)
except ConfigurationError as error:
    sys.exit(str(error))
app.wsgi_app = draining.Closing(gate.Gate(app.wsgi_app, rules))  # type: ignore[method-assign]
if not is_command:
    draining.listen()
    record_settings(settings, "web")
# What is loaded by now stays for good: the collector of garbage need not look at it again.
gc.freeze()
