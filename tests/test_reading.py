"""Files decoded in a worker process: what it gives, what bounds it, what it leaves behind."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from latent import InputError, decoding, images, reading
from latent.reading import plain_name, read_image
from tests.conftest import png
from tests.hostile import FORMATS, depths, encoded, hook, refused

MUTANTS = 2_400  # together
PARTS = 12


@pytest.fixture
def fresh() -> Iterator[None]:
    """No worker at the start, and none at the end that a test has altered."""
    reading._close_all()
    yield
    reading._close_all()


def test_a_worker_gives_what_decoding_gives():
    for name, file in depths().items():
        np.testing.assert_array_equal(
            read_image(file, "black"), decoding.decode(file, "black"), name
        )


@pytest.mark.parametrize(("name", "file", "words"), [(k, *v) for k, v in refused().items()])
def test_a_worker_refuses_what_decoding_refuses(name, file, words):
    with pytest.raises(InputError) as caught:
        read_image(file)
    assert str(caught.value).startswith(words)


def test_files_share_one_worker_that_stays(fresh):
    read_image(png(hook()))
    (worker,) = reading._idle
    for file in (b"no image", png(hook())):
        with suppress(InputError):
            read_image(file)
    assert reading._idle == [worker]


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(fresh, monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 0.3)
    monkeypatch.setattr(reading, "PROGRAM", "import time; time.sleep(60)")
    start = time.perf_counter()
    with pytest.raises(InputError, match="takes longer than 0 s to decode. Save it smaller"):
        read_image(png(hook()))
    assert time.perf_counter() - start < 5
    monkeypatch.undo()
    np.testing.assert_array_equal(read_image(png(hook()))[..., 0], hook())


def test_a_file_that_crashes_the_decoder_is_refused_and_the_next_is_read(fresh, monkeypatch):
    monkeypatch.setattr(reading, "PROGRAM", "import os; os.abort()")
    with pytest.raises(InputError, match="This image is damaged and cannot be decoded"):
        read_image(png(hook()))
    assert reading._idle == []
    monkeypatch.undo()
    np.testing.assert_array_equal(read_image(png(hook()))[..., 0], hook())


def test_a_worker_that_died_while_it_waited_is_replaced(fresh):
    read_image(png(hook()))
    reading._idle[0].process.kill()
    reading._idle[0].process.wait()
    np.testing.assert_array_equal(read_image(png(hook()))[..., 0], hook())


def test_a_worker_that_was_left_in_the_middle_of_an_answer_is_not_asked_again(fresh, monkeypatch):
    def interrupted(worker, size, slow):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reading.Worker, "_received", interrupted)
        with pytest.raises(KeyboardInterrupt):
            read_image(reading.DOT)
    assert not reading._idle
    assert read_image(reading.DOT).shape == (1, 1, 3)


def test_a_machine_that_starts_no_process_is_said_to(fresh, monkeypatch):
    def refused(*given, **more):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(reading.subprocess, "Popen", refused)
    with pytest.raises(InputError, match="starts no more processes"):
        read_image(reading.DOT)


@pytest.mark.skipif(os.name != "posix", reason="the system has no such limit")
def test_the_memory_of_a_worker_is_bounded(fresh, monkeypatch):
    greedy = "from latent import decoding; decoding.decode = lambda *_: bytearray(2 * 10**9); "
    program = reading.PROGRAM.replace("from latent.decoding import serve; serve()", "")
    monkeypatch.setattr(reading, "PROGRAM", program + greedy + "decoding.serve()")
    with pytest.raises(InputError, match="This image is damaged and cannot be decoded"):
        read_image(png(hook()))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_the_largest_image_that_is_read_fits_the_bounds(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    options = {"compression": "tiff_lzw"} if mode == "CMYK" else {"compress_level": 1}
    if mode == "P":
        options["transparency"] = 3
    file = encoded(Image.new(mode, (8000, 5000)), kind, **options)
    assert read_image(file).shape == (1000, 1600, 3)


def test_a_slow_file_does_not_stall_another_visitor(fresh):
    slow = encoded(Image.new("RGB", (8000, 5000)), "PNG", compress_level=1)
    done = []
    with ThreadPoolExecutor() as pool:
        first = pool.submit(lambda: (read_image(slow), done.append("slow")))
        while not (first.running() and not reading._idle):
            time.sleep(0.001)
        pool.submit(lambda: (read_image(png(hook())), done.append("small"))).result()
        first.result()
    assert len(reading._idle) == 2


def test_many_visitors_at_once_each_get_their_own_image():
    shades = range(0, 250, 5)
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(lambda shade: read_image(png(np.full((9, 7), shade, np.uint8))), shades)
    for shade, pixels in zip(shades, found, strict=True):
        assert pixels.shape == (9, 7, 3)
        assert (pixels == shade).all()


def test_nothing_is_written_to_disk(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    reading._close_all()
    for file in (*depths().values(), b"no image"):
        with suppress(InputError):
            read_image(file)
    reading._close_all()
    assert list(tmp_path.iterdir()) == []


def test_threads_and_pipes_are_given_back(fresh):
    read_image(png(hook()))
    threads, files = threading.active_count(), open_files()
    for _ in range(20):
        read_image(png(hook()))
    assert threading.active_count() <= threads
    assert open_files() <= files


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0


def resident() -> int:
    """Bytes of memory that this process and its workers hold."""
    total = 0
    for pid in (os.getpid(), *(worker.process.pid for worker in reading._idle)):
        status = Path(f"/proc/{pid}/status").read_text()
        total += 1024 * int(status.split("VmRSS:")[1].split()[0])
    return total


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory only on Linux")
def test_two_hundred_uploads_leave_no_memory_behind(tiny_space):
    rng = np.random.default_rng(0)
    photos = [rng.integers(0, 256, (200 + 4 * i, 300, 3), np.uint8) for i in range(40)]
    files = [
        encoded(Image.fromarray(photo), kind)
        for photo, kind in zip(photos, FORMATS * 7, strict=False)
    ]

    def upload(count: int) -> None:
        for i in range(count):
            prepared = images.prepare(files[i % len(files)], "mnist-digit")
            assert tiny_space.place(prepared.x).code.shape == (4,)

    upload(40)
    gc.collect()
    before = resident()
    upload(200)
    gc.collect()
    assert resident() - before < 50e6


def seeds() -> list[bytes]:
    """Small sound files, from which mutants are made."""
    small = Image.fromarray(hook()[4:52:4, 6:34:4].copy())
    exif = Image.Exif()
    exif[0x0112] = 6
    files = [encoded(small.convert("RGB"), kind) for kind in FORMATS]
    files += [encoded(small, kind, exif=exif) for kind in ("PNG", "JPEG", "TIFF")]
    files += [encoded(small, "TIFF", compression=c) for c in ("tiff_lzw", "tiff_deflate")]
    files += [encoded(small.convert("P"), "PNG", transparency=0), depths()["animated GIF"]]
    return files


SEEDS = seeds()
PLACES = st.lists(
    st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6
)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_of_a_file_does_more_than_be_refused(part):
    """2,400 mutants: bytes replaced, put in or cut off; no crash, and no hang over 2 s."""
    tried = 0

    @seed(part)
    @settings(
        max_examples=MUTANTS // PARTS,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        file=st.sampled_from(SEEDS),
        places=PLACES,
        insert=st.booleans(),
        end=st.one_of(st.none(), st.integers(0, 10_000)),
    )
    def tried_out(file, places, insert, end):
        nonlocal tried
        tried += 1
        altered = bytearray(file)
        for place, what in places:
            at = place % len(altered)
            altered[at : at + (0 if insert else len(what))] = what
        mutant = bytes(altered if end is None else altered[: end % len(altered)])
        start = time.perf_counter()
        try:
            outcome = images.prepare(mutant, "mnist-digit").x.shape
        except InputError as error:
            outcome = str(error)
        assert outcome == (1, 28, 28) or "cannot be decoded" not in outcome  # no worker died
        assert time.perf_counter() - start < 2

    tried_out()
    assert tried >= MUTANTS // PARTS


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("digit.png", "digit.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\digit.png", "digit.png"),
        ("a\nb\x1b[31m.png", "a·b·[31m.png"),
        ("<b>bold</b>.png", "b>.png"),
        ("photos/", "photos"),
        ("", ""),
        ("x" * 100 + ".png", "x" * 40 + "…" + "x" * 15 + ".png"),
    ],
)
def test_a_name_is_shown_without_its_path_and_in_one_short_line(name, shown):
    assert plain_name(name) == shown
