"""How compose.yaml's servers get their users, run against real servers."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as NoAnswer
from redis.retry import Retry

from dev.ports import free_port
from dev.postgres import PostgresServer
from dev.redis_server import find_binary
from tests.deploy.tools import ROOT

PATIENCE_SECONDS = 30
PASSWORDS = {
    "REDIS_ADMIN_PASSWORD": "of-the-admin",
    "STOCK_REDIS_PASSWORD": "of-the-stock",
    "QUEUE_REDIS_PASSWORD": "of-the-queue",
}


@pytest.fixture(params=["stock", "queue"])
def redis_server(request, tmp_path):
    """The script with a file of users, and the binary that tests have."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "redis-server").symlink_to(find_binary())
    port = free_port()
    process = subprocess.Popen(
        [
            *("sh", ROOT / "deploy" / "redis" / "start.sh"),
            ROOT / "ops" / "redis" / f"{request.param}.acl",
            *("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)),
        ],
        env={
            "PATH": f"{programs}{os.pathsep}{os.defpath}",
            "USERS_FILE": str(tmp_path / "users.acl"),
            **PASSWORDS,
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        yield request.param, port, tmp_path / "users.acl", process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def until_it_answers(port, process):
    stop = threading.Event()
    for _ in range(PATIENCE_SECONDS * 20):
        assert process.poll() is None, "Redis ended by itself"
        try:
            return as_user(port, "ora_admin", "of-the-admin").ping()
        except NoAnswer:
            stop.wait(0.05)
    return pytest.fail("Redis did not answer")


def as_user(port, name, password):
    return Redis(port=port, username=name, password=password, retry=Retry(NoBackoff(), 0))


def test_redis_has_the_users_of_its_file_and_no_other(redis_server):
    name, port, users, process = redis_server
    assert until_it_answers(port, process)
    ours = as_user(port, f"ora_{name}", f"of-the-{name}")

    assert ours.ping()
    with pytest.raises(NoPermissionError):
        ours.flushall()
    for nobody in [("default", ""), ("default", "of-the-admin"), (f"ora_{name}", "of-the-admin")]:
        with pytest.raises(AuthenticationError):
            as_user(port, *nobody).ping()
    assert not any(password in users.read_text() for password in PASSWORDS.values())
    assert "${" not in users.read_text()
    assert users.stat().st_mode & 0o077 == 0


def test_roles_of_postgres_get_their_passwords(tmp_path):
    server = PostgresServer(tmp_path / "postgres", durable=False)
    passwords = {role: f"{role}'s \\own $1" for role in ("OWNER", "APP", "READ")}
    try:
        server.start()
        admin = urlsplit(server.admin_url)
        environ = {
            "PATH": f"{server.programs}{os.pathsep}{os.defpath}",
            "PGHOST": admin.hostname,
            "PGPORT": str(admin.port),
            "PGPASSWORD": admin.password,
            "POSTGRES_USER": admin.username,
            "POSTGRES_DB": admin.path[1:],
            **{f"POSTGRES_{role}_PASSWORD": word for role, word in passwords.items()},
        }
        login = ["--username", admin.username, "--dbname", admin.path[1:]]
        for script in (
            ["psql", "--set", "ON_ERROR_STOP=1", *login, "--file", "ops/postgres/roles.sql"],
            ["sh", "deploy/postgres/20-passwords.sh"],
        ):
            done = subprocess.run(
                script, cwd=ROOT, env=environ, check=False, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        for role, word in passwords.items():
            user = f"ora_{role.lower()}"
            with psycopg.connect(
                host=admin.hostname,
                port=admin.port,
                dbname=admin.path[1:],
                user=user,
                password=word,
            ) as connection:
                assert connection.execute("SELECT current_user::text").fetchone() == (user,)
    finally:
        server.remove()


def test_secrets_are_others_each_time_and_enough():
    made = [
        dict(
            line.split("=", 1)
            for line in subprocess.run(
                [sys.executable, ROOT / "deploy" / "secrets_file.py"],
                check=True, capture_output=True, text=True,
            ).stdout.splitlines()
        )
        for _ in range(2)
    ]  # fmt: skip

    assert made[0].keys() == made[1].keys()
    assert all(len(value) >= 48 and value.isascii() for value in made[0].values())
    assert not set(made[0].values()) & set(made[1].values())
    # What would have to be quoted in a URL.
    assert not any(set(value) & set("@:/?#%$ ") for value in made[0].values())
    assert ".env.compose" in (Path(ROOT) / ".gitignore").read_text().split()
