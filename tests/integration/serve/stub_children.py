"""Stands in for `python -m parley` under the supervisor: writes down when each child starts and stops.

What a child should do wrong is said by a file `<child>.fault` in the data directory: `exit` (end at
once, always) or `deaf` (ignore SIGTERM).
"""

import os
import signal
import socket
import sys
from pathlib import Path

data = Path(os.environ["PARLEY_DATA"])
name = sys.argv[1]


def note(what: str) -> None:
    with (data / "events").open("a") as file:
        file.write(f"{name} {what} {os.getpid()}\n")


def stop(*_: object) -> None:
    note("stop")
    sys.exit(0)


fault_file = data / f"{name}.fault"
fault = fault_file.read_text() if fault_file.exists() else ""
signal.signal(signal.SIGTERM, (lambda *_: note("asked")) if fault == "deaf" else stop)
note("start")
if fault == "exit":
    sys.exit(1)
if name == "prepare":
    sys.exit(int(os.environ.get("STUB_PREPARE", "0")))
if name == "web":
    listener = socket.socket(fileno=int(sys.argv[sys.argv.index("--fd") + 1]))
    while True:
        link, _ = listener.accept()
        with link:
            link.recv(1024)
            link.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + str(os.getpid()).encode())
while True:
    signal.pause()
