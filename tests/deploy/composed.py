"""compose.yaml as Docker Compose itself reads it."""

import json
import subprocess
from functools import cache
from typing import Any

from deploy.secrets_file import SECRETS
from tests.deploy.tools import ROOT, run

# What a shop of its own would set on top, for deploy/compose.production.yaml.
PRODUCTION = {
    "MAIL_URL": "smtps://shop:a-password-of-mails@mail.shop.example",
    "MAIL_FROM": "The Shop <orders@shop.example>",
    "STOREFRONT_URL": "https://shop.example",
    "SELLER_NAME": "The Shop",
    "SELLER_ADDRESS": "1 High Road, Chennai",
    "SELLER_GSTIN": "33ABCDE1234F1Z5",
    "TRUSTED_PROXIES": "1",
}
MADE_UP = {name: f"{beginning}{name.lower()}-0123456789" for name, beginning in SECRETS.items()}


def compose(*files: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Have these files read, on top of one another."""
    named = [part for file in ("compose.yaml", *files) for part in ("--file", file)]
    # Nor anybody's .env.
    options = ["--project-directory", ROOT, "--env-file", "/dev/null"]
    return run("docker-compose", *named, *options, "config", "--format", "json", **environ)


@cache
def composed(*files: str) -> dict[str, Any]:
    """What comes of them where every secret is given."""
    more = PRODUCTION if "deploy/compose.production.yaml" in files else {}
    told = compose(*files, **MADE_UP, **more)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)
