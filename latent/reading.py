"""Image files to pixels, decoded where a hostile one can harm nobody.

A file is decoded in a worker process with a bound on memory and time. One that breaks its
bounds, or crashes the decoder, costs that worker and gets a refusal; the next file finds
another. Workers stay warm: a file costs a worker's time and a copy through a pipe.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from latent.decoding import ANSWER, GROUNDS, MAX_SIDE, PIXELS, REQUEST, check_bytes
from latent.errors import InputError

SECONDS = 8.0  # that one file may take; 40 million pixels take a second or two
PIPE = 1 << 20  # bytes on the way at once, where the system lets one say: fewer turns
WORKERS = max(2, os.cpu_count() or 1)  # at most; a second one starts when the first is busy
# the smallest image: one white pixel
DOT = (
    b"GIF87a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
ROOT = Path(__file__).parent.parent
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from latent.decoding import serve; serve()"


def read_image(data: bytes, ground: str | None = None, most: int = MAX_SIDE) -> np.ndarray:
    """Decode an image file; see `latent.decoding.decode`, which does it, for what is read.

    Args:
        data: a PNG, JPEG, WebP, BMP, GIF or TIFF file.
        ground: colour below a see-through image, "white" or "black"; default black below
            a light one, white below a dark one.
        most: pixels a side; what is larger is shrunk.

    Returns:
        Shape (H, W, 3), uint8, sRGB, upright.

    Raises:
        InputError: empty, too large, another format, damaged, or out of bounds.
    """
    check_bytes(data)
    with _borrowed() as worker:
        return worker.read(data, ground, most)


def warm_up() -> None:
    """Have a worker ready, so that the first image does not wait for one to start."""
    with _borrowed() as worker:
        worker.read(DOT, None, MAX_SIDE)


def plain_name(name: str) -> str:
    """A file's name as it may be shown: no folders, no control characters, 60 at most."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(letter if letter.isprintable() else "·" for letter in last)
    return shown if len(shown) <= 60 else f"{shown[:40]}…{shown[-19:]}"


class Worker:
    """One process that decodes one file at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE,
            # threads of a library that decodes nothing would take address space
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def read(self, data: bytes, ground: str | None, most: int) -> np.ndarray:
        """Have one file decoded.

        Raises:
            InputError: it was refused, or the process died or was killed over it.
        """
        assert self.process.stdin
        assert self.process.stdout
        slow = threading.Event()
        timer = threading.Timer(SECONDS, self._stop, [slow])
        timer.start()
        try:
            with suppress(BrokenPipeError):
                request = REQUEST.pack(GROUNDS.index(ground), most, len(data))
                self.process.stdin.write(request + data)
                self.process.stdin.flush()
            kind, *sizes = ANSWER.unpack(self._received(ANSWER.size, slow))
            if kind == PIXELS:
                height, width = sizes
                pixels = self._received(height * width * 3, slow)
                return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
            raise InputError(self._received(sizes[0], slow).decode())
        finally:
            timer.cancel()
            timer.join()  # it wakes at once; else its thread is still there for a moment

    def _stop(self, slow: threading.Event) -> None:
        slow.set()
        self.process.kill()

    def _received(self, size: int, slow: threading.Event) -> bytes:
        assert self.process.stdout
        received = self.process.stdout.read(size)
        if len(received) == size:
            return received
        self.close()
        if slow.is_set():
            raise InputError(
                f"This image takes longer than {SECONDS:.0f} s to decode. Save it smaller."
            )
        raise InputError("This image is damaged and cannot be decoded. Save it again.")

    @property
    def works(self) -> bool:
        """Whether it may be given another file."""
        return self.process.poll() is None

    def close(self) -> None:
        """End the process and wait for that."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self.process.wait()


_free = threading.BoundedSemaphore(WORKERS)
_idle: list[Worker] = []


@contextmanager
def _borrowed() -> Iterator[Worker]:
    """A worker for one file: one that waits, or a new one."""
    with _free:
        worker = _found()
        try:
            yield worker
        except InputError:
            raise
        except BaseException:  # its answer may still be on the way: nobody else shall read it
            worker.close()
            raise
        finally:
            if worker.works:
                _idle.append(worker)
            else:
                worker.close()


def _found() -> Worker:
    """A worker that waits, or a new one; those that died while they waited are put away."""
    with suppress(IndexError):
        while True:
            worker = _idle.pop()
            if worker.works:
                return worker
            worker.close()
    try:
        return Worker()
    except OSError as error:
        raise InputError(
            "No image can be read at the moment: the machine starts no more processes. Bring it "
            "again later."
        ) from error


@atexit.register
def _close_all() -> None:
    while _idle:
        _idle.pop().close()
