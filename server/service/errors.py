"""What the service itself refuses, told as the engine tells its own."""

from __future__ import annotations

from engine import EngineError, Issue


class Busy(EngineError):
    """As many queries run and wait as may; `retry_after` is when to come again, in seconds."""

    exit_code = 3

    def __init__(self, waiting: int, retry_after: int) -> None:
        self.retry_after = retry_after
        message = f"The server is busy: as many queries wait for their turn as may ({waiting})."
        super().__init__(Issue("E_BUSY", message, hint=f"Ask again in {retry_after} s."))
