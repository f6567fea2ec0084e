"""`make run`: the whole shop on this machine until Ctrl-C."""

import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from dotenv import dotenv_values

from dev.errors import DevError
from dev.stack import PREPARATIONS, ROOT, Stack, stack

DATA = Path(".data", "run")

# Where the developer has chosen for himself, in the environment or `.env`, it is respected.
_OWN_CHOICES = ("MAIL_URL", "RAZORPAY_API_URL", "SANDBOX_DATABASE", "SANDBOX_WEBHOOK_URL")

_URLS = {
    "Postgres": "DATABASE_URL",
    "stock Redis": "STOCK_REDIS_URL",
    "queue Redis": "QUEUE_REDIS_URL",
}


class Stop(BaseException):
    """Somebody asked us to stop; not an Exception, so that nothing on the way catches it."""


def main(project: Path = ROOT, preparations: Mapping[str, Sequence[str]] = PREPARATIONS) -> int:
    """Run until told to stop (0), or until a process ends by itself or nothing can run (1)."""
    _stop_on_signals()
    try:
        return _run(project, preparations)
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    except Stop:
        with contextlib.suppress(OSError):  # the terminal may be closed
            print("stopped", flush=True)
        return 0


def _run(project: Path, preparations: Mapping[str, Sequence[str]]) -> int:
    environ = developers_environ(project)
    own_choices = {name: environ[name] for name in _OWN_CHOICES if environ.get(name)}
    with stack(
        project / DATA,
        port=_port(environ, "PORT", 8000),
        sandbox_port=_port(environ, "SANDBOX_PORT", 8001),
        durable=True,
        extra_env=own_choices,
        environ=environ,
        project=project,
        preparations=preparations,
    ) as shop:
        _print_addresses(shop, environ)
        ended = shop.wait()
    print(ended, file=sys.stderr)
    return 1


def developers_environ(project: Path = ROOT) -> dict[str, str]:
    """Return the environment over what `.env` says, as the app itself reads them."""
    from_file = {k: v for k, v in dotenv_values(project / ".env").items() if v is not None}
    return from_file | dict(os.environ)


def _port(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - the ports there are
        raise DevError(f"{variable} is to be a port number, and not {text!r}.")
    return int(text)


def _print_addresses(shop: Stack, environ: Mapping[str, str]) -> None:
    lines = {
        "shop": shop.base_url,
        "storefront": f"{shop.sandbox_url}/shop/",
        "docs": f"{shop.base_url}/docs",
        "sandbox": shop.sandbox_url,
        "mail": shop.env["MAIL_URL"],
    }
    everything = {**environ, **shop.env}
    lines |= {title: _without_password(everything[name]) for title, name in _URLS.items()}
    lines["passwords"] = f"in {shop.env_file}; for a shell: set -a; . {shop.env_file}; set +a"
    print()
    for title, text in lines.items():
        print(f"{title:12} {text}")
    print("\nready", flush=True)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":***@", 1)


def _stop_on_signals() -> None:
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup wants it
        signals.append(signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature
        for each in signals:  # a second Ctrl-C shall not leave half of it running
            signal.signal(each, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            os.write(1, b"\nstopping\n")  # not print: we may be in the middle of one
        raise Stop

    for each in signals:
        signal.signal(each, stop)


if __name__ == "__main__":
    sys.exit(main())
