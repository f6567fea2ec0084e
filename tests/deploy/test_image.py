"""The image: what hadolint says of it, who runs it, and that nothing is missing from its files."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from fnmatch import fnmatch

import pytest

from dev.buyer import Buyer
from dev.ports import free_port
from tests.deploy.image import DOCKERFILE, copied, health_check, instructions, last, lay_out
from tests.deploy.tools import PROGRAMS, ROOT, run

PATIENCE_SECONDS = 90
STAGES = ("shop", "sandbox")
CARELESS = "FROM python:latest\nRUN apt-get update && apt-get install curl\nCMD python -m app\n"


def test_hadolint_finds_nothing():
    found = run("hadolint", "--no-color", DOCKERFILE)

    assert (found.returncode, found.stdout) == (0, "")


def test_hadolint_would_find_something(tmp_path):
    careless = tmp_path / "Dockerfile"
    careless.write_text(CARELESS)

    assert {"DL3007", "DL3008", "DL3025"} <= {
        finding["code"]
        for finding in json.loads(run("hadolint", "--format", "json", careless).stdout)
    }


def test_the_base_is_one_exact_version():
    (default,) = [rest for line, rest in instructions("") if line == "ARG"]

    assert re.fullmatch(r"PYTHON=python:3\.11\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", default)
    assert all(rest.startswith("${PYTHON}") for _, rest in instructions("base") if _ == "FROM")


@pytest.mark.parametrize("stage", STAGES)
def test_it_runs_as_a_number_that_is_nobodys_on_the_host(stage):
    user, _, group = last(stage, "USER").partition(":")

    assert int(user) >= 10_000
    assert int(group) >= 10_000
    # Nothing is laid into the image after the last switch but what needs no other user.
    names = [name for name, _ in instructions(stage)]
    assert {"RUN", "COPY", "ADD"}.isdisjoint(names[names.index("USER") :])


@pytest.mark.parametrize("stage", STAGES)
def test_no_shell_stands_between_a_signal_and_the_process(stage):
    forms = [rest for name, rest in instructions(stage) if name in ("CMD", "ENTRYPOINT")]

    assert forms
    assert all(isinstance(json.loads(form), list) for form in forms)
    assert last(stage, "STOPSIGNAL") == "SIGTERM"
    assert all(
        command.startswith("exec ")
        for command in re.findall(r"^[\w-]+: (.*)", (ROOT / "Procfile").read_text(), re.MULTILINE)
    )


def test_packages_are_those_of_the_lock_by_their_hashes():
    (install,) = [rest for name, rest in instructions("packages") if name == "RUN"]

    assert "--require-hashes" in install
    assert "requirements-dev" not in install
    assert ("requirements.txt", "/tmp/requirements.txt") in copied("packages")


def is_let_through(path):
    """Tell whether .dockerignore lets a path of the project into the build."""
    is_kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = path.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        tried = [*heads, *parts] if "**/" in line else heads
        if any(head.count("/") <= pattern.count("/") and fnmatch(head, pattern) for head in tried):
            is_kept = line.startswith("!")
    return is_kept


def test_what_is_copied_is_let_into_the_build():
    sources = [source for stage in ("packages", *STAGES) for source, _ in copied(stage)]

    assert len(sources) > 8
    assert all(is_let_through(source) for source in sources)


@pytest.mark.parametrize(
    "path",
    [
        ".env", ".env.compose", ".git/config", ".data/run/env", "app/.env", "tests/conftest.py",
        "dev/run.py", "app/core/__pycache__/db.cpython-311.pyc", "deploy/secrets_file.py",
        "requirements-dev.txt",
    ],
)  # fmt: skip
def test_nothing_else_is(path):
    assert not is_let_through(path)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    return lay_out("shop", tmp_path_factory.mktemp("image"))


def environment(**more):
    """The image's own, as far as it is not of a container's folders."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}


@pytest.fixture
def web(app, laid_out, tmp_path):
    """The web process by the image's entrypoint, its files alone around it."""
    port = str(free_port())
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    (numbers / "gauge_livesum_7.db").write_bytes(b"of a process that has died")
    env = environment(PORT=port, WEB_CONCURRENCY="1", PROMETHEUS_MULTIPROC_DIR=str(numbers))
    process = subprocess.Popen(["deploy/entrypoint.sh", "web"], cwd=laid_out, env=env)
    try:
        yield process, env
    finally:
        process.kill()
        process.wait()


def becomes_healthy(process, env):
    """Ask as Docker does."""
    check = [sys.executable, *health_check("shop")[1:]]
    stop = threading.Event()
    for _ in range(PATIENCE_SECONDS * 2):
        assert process.poll() is None, "web ended by itself"
        if subprocess.run(check, env=env, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return True
        stop.wait(0.5)
    return False


def test_the_files_of_the_image_sell(web, shop):
    process, env = web
    assert becomes_healthy(process, env)
    shop.product("ring", 1)
    buyer = Buyer(f"http://127.0.0.1:{env['PORT']}")
    buyer.register()

    assert buyer.check_out("RING").status_code == 201

    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    check = [sys.executable, *health_check("shop")[1:]]
    assert subprocess.run(check, env=env, check=False, capture_output=True).returncode == 1


def test_the_files_of_the_image_migrate(app, laid_out):
    migrate = (
        "alembic upgrade head && flask --app wsgi grant-rights && flask --app wsgi check-money"
    )
    done = subprocess.run(
        ["deploy/entrypoint.sh", "sh", "-c", migrate],
        cwd=laid_out, env=environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["workers.run", "workers.clock", "ops.reconcile"])
def test_the_files_of_the_image_have_the_other_processes(laid_out, module):
    code = f"import {module} as m; print(m.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=laid_out, env=environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.stdout.startswith(str(laid_out)), done.stderr


def test_a_file_that_is_missing_would_be_noticed(laid_out, tmp_path):
    lame = shutil.copytree(laid_out, tmp_path / "lame")
    shutil.rmtree(lame / "workers")
    done = subprocess.run(
        ["deploy/entrypoint.sh", "worker-mail"],
        cwd=lame, env=environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert "No module named 'workers'" in done.stderr
    assert done.returncode == 1


def test_the_sandbox_needs_no_file_but_its_own(tmp_path):
    folder = lay_out("sandbox", tmp_path)
    code = "import sandbox.wsgi, sandbox.__main__; print(sandbox.wsgi.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, env=environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.stdout.startswith(str(folder)), done.stderr


def test_the_shop_has_no_sandbox_in_it(laid_out):
    assert not (laid_out / "sandbox").exists()
    assert not (laid_out / "dev").exists()


def test_counting_begins_anew_with_each_start(laid_out, tmp_path):
    (tmp_path / "gauge_livesum_7.db").touch()
    ran = subprocess.run(
        ["deploy/entrypoint.sh", "echo", "two words"],
        cwd=laid_out, env=environment(PROMETHEUS_MULTIPROC_DIR=str(tmp_path)),
        check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert ran.stdout == "two words\n"
    assert list(tmp_path.iterdir()) == []
