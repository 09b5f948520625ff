"""The supervisor with stand-in children and a real Redis: order, restarts, and no orphans."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STUB = Path(__file__).with_name("stub_children.py")
DRIVER = """
import sys
from parley import supervisor
from parley.lib.config import Config
config = Config.from_environ()
with supervisor.listen(config.host, config.port) as listener, supervisor.own_data(config.data):
    sys.exit(supervisor.Supervisor(config, listener, sys.argv[1:]).run())
"""


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait for a condition, not for a time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Running:
    """A supervisor in a process of its own, and what its children wrote down."""

    def __init__(self, data: Path, **environ: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, sys.executable, str(STUB)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT / "src"),
                "PARLEY_DATA": str(data),
                "PORT": str(self.port),
                "TMPDIR": str(data),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def events(self) -> list[tuple[str, str, int]]:
        try:
            lines = (self.data / "events").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(name, what, int(pid)) for name, what, pid in map(str.split, lines)]

    def pids(self, name: str) -> list[int]:
        return [pid for child, what, pid in self.events if child == name and what == "start"]

    def redis_pid(self) -> int:
        return children_named(self.process.pid, "redis", "valkey")[0]

    def web_answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 5) as link:
            link.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return link.recv(64).startswith(b"HTTP/1.0 200")

    def wait_ready(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=10)


def children_named(parent: int, *words: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = entry.read_text().partition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest.split()[1]) == parent and any(word in name for word in words):
            found.append(int(entry.parent.name))
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "d"
    folder.mkdir()
    return folder


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**environ: str) -> Running:
        started.append(Running(data, **environ))
        return started[-1]

    yield start
    for running in started:
        running.end()


Start = Callable[..., Running]


def test_it_prepares_first_and_says_when_it_is_ready(start: Start) -> None:
    running = start(PARLEY_ROOT_PATH="/team")
    assert running.wait_ready() == f"Parley is ready on http://127.0.0.1:{running.port}/team"
    assert running.events[0][:2] == ("prepare", "start")
    until(lambda: {name for name, _, _ in running.events} == {"prepare", "worker", "web"})
    assert running.redis_pid()


def test_nothing_starts_when_preparing_fails(start: Start) -> None:
    running = start(STUB_PREPARE="2")
    assert running.process.wait(10) == 2
    assert [name for name, _, _ in running.events] == ["prepare"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_worker_then_web_then_redis_and_exits_0(start: Start, number: signal.Signals) -> None:
    running = start()
    running.wait_ready()
    redis = running.redis_pid()
    until(lambda: running.pids("worker"))
    running.process.send_signal(number)
    assert running.process.wait(15) == 0
    assert [name for name, what, _ in running.events if what == "stop"] == ["worker", "web"]
    assert not is_alive(redis)


def test_each_child_is_started_again_and_redis_keeps_its_socket(start: Start) -> None:
    running = start()
    running.wait_ready()
    redis = running.redis_pid()
    until(lambda: running.pids("worker"))
    for name in ("worker", "web"):
        os.kill(running.pids(name)[0], signal.SIGKILL)
        until(lambda name=name: len(running.pids(name)) == 2)  # type: ignore[misc]
    os.kill(redis, signal.SIGKILL)
    until(lambda: children_named(running.process.pid, "redis", "valkey") not in ([], [redis]))
    assert running.web_answers()


def test_a_request_during_the_restart_of_web_waits_instead_of_being_refused(start: Start) -> None:
    running = start()
    running.wait_ready()
    [web] = running.pids("web")
    os.kill(web, signal.SIGKILL)
    until(lambda: not is_alive(web))
    assert running.web_answers()


def test_a_killed_supervisor_leaves_no_orphan_and_can_be_started_again_at_once(start: Start) -> None:
    running = start()
    running.wait_ready()
    until(lambda: running.pids("worker"))
    pids = [running.redis_pid(), *running.pids("worker"), *running.pids("web")]
    assert all(map(is_alive, pids))
    running.process.kill()
    running.process.wait(5)
    until(lambda: not any(map(is_alive, pids)), 5)
    again = start()
    assert again.wait_ready().startswith("Parley is ready")


def test_a_child_in_a_crash_loop_takes_nothing_down_and_is_tried_ever_more_slowly(
    start: Start, data: Path
) -> None:
    (data / "worker.fault").write_text("exit")
    running = start()
    running.wait_ready()
    until(lambda: len(running.pids("worker")) >= 4)
    assert running.process.poll() is None
    assert len(running.pids("web")) == 1
    tried = len(running.pids("worker"))
    (data / "worker.fault").unlink()
    until(lambda: len(running.pids("worker")) > tried)
    until(lambda: is_alive(running.pids("worker")[-1]))
    assert tried < 12


def test_redis_with_unreadable_files_starts_over_empty(start: Start, data: Path) -> None:
    broken = data / "redis" / "appendonlydir"
    broken.mkdir(parents=True)
    manifest = broken / "appendonly.aof.manifest"
    manifest.write_text("file nonsense seq x type z\n")
    running = start()
    assert running.wait_ready().startswith("Parley is ready")
    until(lambda: manifest.exists() and "nonsense" not in manifest.read_text())
    assert running.redis_pid()


def test_a_child_that_does_not_stop_is_killed_when_asked_twice(start: Start, data: Path) -> None:
    (data / "worker.fault").write_text("deaf")
    running = start()
    running.wait_ready()
    until(lambda: running.pids("worker"))
    [worker] = running.pids("worker")
    running.process.terminate()
    until(lambda: ("worker", "asked", worker) in running.events)
    running.process.terminate()
    assert running.process.wait(15) == 0
    assert not is_alive(worker)


def test_a_taken_port_and_a_taken_data_directory_are_refused_in_one_line(start: Start, data: Path) -> None:
    running = start()
    running.wait_ready()
    taken = serve(PORT=str(running.port), PARLEY_DATA=str(data / "other"))
    assert taken.returncode == 2
    assert "already in use" in taken.stderr
    assert not (data / "other").exists()
    shared = serve(PORT=str(free_port()), PARLEY_DATA=str(data))
    assert shared.returncode == 2
    assert "another Parley already runs" in shared.stderr


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def serve(**environ: str) -> "subprocess.CompletedProcess[str]":
    """The real program, for settings it must refuse."""
    return subprocess.run(
        [sys.executable, "-m", "parley", "serve"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PORT": "none"}, "PORT must be a number"),
        ({"HOST": "203.0.113.9"}, "not an address of this machine"),
        ({"HOST": "no.such.host.invalid"}, "cannot be resolved"),
        ({"PARLEY_SECRET_KEY": "change-me"}, "PARLEY_SECRET_KEY is too weak"),
        ({"PARLEY_LOG_LEVEL": "loud"}, "PARLEY_LOG_LEVEL must be one of"),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "REDIS_URL: "),
        ({"REDIS_URL": "unix:///nowhere/redis.sock"}, "REDIS_URL: "),
        ({"DATABASE_URL": "postgresql://parley@127.0.0.1:1/parley"}, "PostgreSQL cannot be used"),
        ({"DATABASE_URL": "sqlite:///nowhere/parley.db"}, "does not exist"),
    ],
)
def test_bad_settings_end_with_one_line_before_anything_is_written(
    tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    data = tmp_path / "data"
    done = serve(**{"PARLEY_DATA": str(data), "PORT": str(free_port()), **environ})
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("parley: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert [path.name for path in data.rglob("*")] in ([], [".lock"])


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    done = serve(PARLEY_DATA=str(tmp_path / "data"), PORT=str(free_port()))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be written" in done.stderr
