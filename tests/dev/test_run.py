import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev.errors import DevError
from dev.lock import AlreadyRunningError, only_one
from dev.ports import free_port
from dev.run import developers_environ
from dev.stack import stack

from .conftest import ROOT, URLS, Run, is_alive, wait_until_gone


def visit(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/visit")
        return int(connection.getresponse().read())
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop_and_leaves_nothing(
    start_run: Callable[..., Run], number: signal.Signals
):
    run = start_run(kernel_helps=False)  # so that what ends was stopped by us
    assert visit(run.port) > 0
    pids = run.pids()
    assert len(pids) == 6
    env_file = run.data / "env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    shell = ["/bin/sh", "-c", f'set -a; . "{env_file}"; printenv DATABASE_URL SANDBOX_DATABASE']
    database_url, sandbox_database = subprocess.check_output(shell, text=True).split()
    assert sandbox_database == str(run.data / "sandbox.sqlite")

    run.process.send_signal(number)
    code, output = run.finish()

    assert code == 0, output
    assert f"http://127.0.0.1:{run.port}/docs" in output
    assert "worker  | at work" in output
    assert database_url.split("@")[0] not in output
    assert database_url.split("@")[1] in output
    assert not any(is_alive(pid) for pid in pids)
    assert not env_file.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals orphans")
def test_after_kill_9_everything_ends_and_the_next_run_has_the_rows(start_run: Callable[..., Run]):
    first = start_run()
    visits = visit(first.port)
    pids = first.pids()

    first.process.kill()
    first.process.wait()
    assert len(pids) == 6
    assert all(wait_until_gone(pid) for pid in pids)
    again = start_run(**first.environ)

    assert visit(again.port) == visits + 1


def test_where_the_kernel_does_not_help_the_next_run_stops_what_was_left(
    start_run: Callable[..., Run],
):
    first = start_run(kernel_helps=False)
    visits = visit(first.port)
    left_behind = first.pids()

    first.process.kill()
    first.process.wait()
    assert len(left_behind) == 6
    assert all(is_alive(pid) for pid in left_behind)
    again = start_run(**first.environ)

    assert visit(again.port) == visits + 1
    assert not any(is_alive(pid) for pid in left_behind)


def test_a_process_that_ends_by_itself_is_named_and_ends_the_rest(start_run: Callable[..., Run]):
    run = start_run(kernel_helps=False)
    pids = run.pids()
    worker = int((run.data / "processes" / "worker.pid").read_text().split()[0])

    os.kill(worker, signal.SIGKILL)
    code, output = run.finish()

    assert code == 1
    assert "worker was ended by SIGKILL" in output
    assert not any(is_alive(pid) for pid in pids)


def test_a_process_that_cannot_start_is_named_with_its_exit_code(
    project: Path, start_run: Callable[..., Run]
):
    (project / "w.py").write_text("raise SystemExit(7)")

    code, output = start_run(until=None).finish()

    assert code == 1
    assert "worker ended by itself with exit code 7 before the shop was ready." in output


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_with_the_variable_that_changes_it(
    start_run: Callable[..., Run], variable: str
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = start_run(until=None, **{variable: str(port)})

        code, output = run.finish()

    assert code == 1
    assert output.startswith(f"Port {port} is taken")
    assert f" {variable}=" in output
    assert run.pids() == []


def test_a_port_that_is_no_port_is_refused(start_run: Callable[..., Run]):
    code, output = start_run(until=None, PORT="eighty").finish()

    assert (code, output) == (1, "PORT is to be a port number, and not 'eighty'.\n")


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("PORT=9000\nSANDBOX_PORT=9001\n")
    monkeypatch.setenv("PORT", "9100")

    environ = developers_environ(tmp_path)

    assert (environ["PORT"], environ["SANDBOX_PORT"]) == ("9100", "9001")


def test_a_second_run_is_told_of_the_first_and_touches_nothing(start_run: Callable[..., Run]):
    first = start_run()

    code, output = start_run(until=None).finish()

    address = f"http://127.0.0.1:{first.port}"
    assert (code, output) == (1, f"already running (pid {first.process.pid}, {address})\n")
    assert len(first.pids()) == 6
    assert all(is_alive(pid) for pid in first.pids())
    assert visit(first.port) > 0


def test_a_failed_preparation_is_told_with_what_it_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in URLS:
        monkeypatch.setenv(name, "somewhere://else")

    with (
        pytest.raises(DevError, match="Seeding failed with exit code 3:\nno such shelf"),
        stack(
            project / ".data",
            port=free_port(),
            sandbox_port=free_port(),
            durable=False,
            output=project / "output",
            project=project,
            preparations={"Seeding": ["sh", "-c", "echo no such shelf; exit 3"]},
        ),
    ):
        pytest.fail("it began")


def test_the_lock_of_a_killed_process_is_free_again(tmp_path: Path):
    hold = """if True:
        import sys
        from pathlib import Path
        from dev.lock import only_one
        with only_one(Path(sys.argv[1]), holder="pid 1, nowhere"):
            print("held", flush=True)
            input()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        refused = pytest.raises(AlreadyRunningError, match=r"already running \(pid 1, nowhere\)")
        with refused, only_one(tmp_path, holder="us"):
            pytest.fail("both have it")
        holder.kill()
        holder.wait()

        with only_one(tmp_path, holder="us"):
            assert (tmp_path / "lock").read_text() == "us\n"
