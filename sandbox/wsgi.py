"""The application that the server loads."""

from sandbox import create_app

app = create_app()
