"""Who sits at the pages of the back office, and an app with other settings."""

from tests.backoffice.conftest import admin, another_app, nobody, staff

__all__ = ["admin", "another_app", "nobody", "staff"]
