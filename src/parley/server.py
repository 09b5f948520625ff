"""The web process: uvicorn around the application."""

from __future__ import annotations

import socket
from types import FrameType

import uvicorn

from parley.lib.config import Config
from parley.web.lifecycle import shutting_down

DRAIN = 5  # seconds for answers under way after open streams were told to end


class Server(uvicorn.Server):
    """Tells open streams to end before uvicorn waits for them, and exits 0 when asked to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; asked again, stop without waiting. uvicorn would raise the signal again."""
        self.force_exit = self.should_exit
        self.should_exit = True
        shutting_down.set()


def run_web(config: Config, listener: socket.socket | None = None) -> int:
    """Serve until a stop signal, on `listener` or else on the configured address; the exit status."""
    from parley.app import create_app

    server = Server(
        uvicorn.Config(
            create_app(config),
            host=config.host,
            port=config.port,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,  # ours has ids, and no query strings
            log_config=None,
            proxy_headers=False,  # read by web/perimeter.py, only from trusted proxies
            server_header=False,
            timeout_keep_alive=75,  # longer than the 60 s a proxy keeps an idle connection
            timeout_graceful_shutdown=DRAIN,
        )
    )
    server.run(sockets=[listener] if listener else None)
    return 0 if server.started else 1
