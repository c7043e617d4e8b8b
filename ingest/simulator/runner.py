"""Runs the simulator: in the background of a test or a demo, or in the foreground until it is stopped."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from ingest.errors import SettingsError
from ingest.simulator.application import BASE_PATH, Simulator, build_application

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
START_SECONDS = 10.0


@contextmanager
def serve_simulator(simulator: Simulator, *, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve in a background thread, by default on a free port; gives the base URL, stops when the block is left."""
    listener = _listen(host, port)
    server = uvicorn.Server(_config(simulator))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield base_url(host, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def run_simulator(simulator: Simulator, *, host: str = LOOPBACK, port: int = 8123) -> None:
    """Serve in the foreground until the process is interrupted."""
    listener = _listen(host, port)
    try:
        uvicorn.Server(_config(simulator)).run(sockets=[listener])
    finally:
        listener.close()


def base_url(host: str, port: int) -> str:
    """The URL to give as the API's, for a simulator on this host and port."""
    return f"http://{host}:{port}{BASE_PATH}"


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = f"The simulator cannot listen on {host}:{port}: {error.strerror}."
        raise SettingsError(message, hint="Choose another port.") from error
    return listener


def _config(simulator: Simulator) -> uvicorn.Config:
    return uvicorn.Config(
        build_application(simulator),
        http="h11",
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise SettingsError("The simulator did not start.")
        time.sleep(0.005)
