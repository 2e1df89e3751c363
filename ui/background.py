"""Long work off the page's thread: how far it is, its result, and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from latent.errors import InputError

T = TypeVar("T")


class StoppedError(Exception):
    """The visitor stopped it."""


class Job(Generic[T]):
    """Work in a thread of its own, of which any run of the page may ask how far it is.

    Args:
        work: is given a function to call, often, with the share that is done; what that
            raises has to end the work.
    """

    def __init__(self, work: Callable[[Callable[[float], None]], T]) -> None:
        self.share = 0.0
        self.rows: T | None = None
        self.problem: str | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Let it end at the next word of how far it is."""
        self._stopped.set()

    def _run(self, work: Callable[[Callable[[float], None]], T]) -> None:
        def told(share: float) -> None:
            self.share = share
            if self._stopped.is_set():
                raise StoppedError

        try:
            self.rows = work(told)
        except StoppedError:
            self.problem = "Stopped."
        except InputError as error:
            self.problem = str(error)
