"""Ways as files to keep: strip, film, codes, table. Needs neither torch nor torchvision."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

import numpy as np
from PIL import Image

from latent.errors import InputError
from latent.images import stack, strip, to_uint8
from latent.ways import Way

FRAME = 80  # milliseconds
GIF_TIMES = 4  # a film shows each pixel that many times
MP4_LEAST = 224  # pixels of its height
PATIENCE = 60  # seconds that ffmpeg has once it was given the last frame
COLUMNS = (
    "model", "way", "step", "leg", "share", "distance", "percentile", "change", "nearest",
)  # fmt: skip


def strip_png(ways: Sequence[Way], closed: bool = False) -> bytes:
    """All steps side by side, each way below the other."""
    file = io.BytesIO()
    Image.fromarray(stack([strip(way.images) for way in ways])).save(file, "PNG")
    return file.getvalue()


def film_gif(ways: Sequence[Way], closed: bool = False) -> bytes:
    """A loop there and back, or round; several ways run side by side."""
    frames = [Image.fromarray(frame) for frame in _frames(ways, closed)]
    width, height = frames[0].size
    enlarged = [frame.resize((width * GIF_TIMES, height * GIF_TIMES)) for frame in frames]
    file = io.BytesIO()
    enlarged[0].save(file, "GIF", save_all=True, append_images=enlarged[1:], duration=FRAME, loop=0)
    return file.getvalue()


def film_mp4(ways: Sequence[Way], closed: bool = False) -> bytes:
    """The same as H.264, which every browser and phone plays.

    Raises:
        InputError: there is no program here that can write it.
    """
    frames = _frames(ways, closed)
    times = max(1, -(-MP4_LEAST // frames.shape[1]))
    # the colours of H.264 are half as fine as its pixels, so that both sides are even
    odd = [(0, side * times % 2) for side in frames.shape[1:3]] + [(0, 0)] * (frames.ndim - 3)
    enlarged = (np.pad(f.repeat(times, 0).repeat(times, 1), odd, mode="edge") for f in frames)
    height, width = (side * times + side * times % 2 for side in frames.shape[1:3])
    with tempfile.TemporaryDirectory(prefix="latent-film-") as folder:
        path = Path(folder) / "film.mp4"  # an MP4 is finished at its beginning: no pipe does
        _encode(path, enlarged, f"{width}x{height}", "rgb24" if frames.ndim == 4 else "gray")
        return path.read_bytes()


def _encode(path: Path, frames: Iterable[np.ndarray], size: str, kind: str) -> None:
    """Let ffmpeg write frames of shape (H, W[, 3]), uint8: the same bytes every time."""
    given = ["-f", "rawvideo", "-pix_fmt", kind, "-s", size, "-r", f"{1000 / FRAME:g}", "-i", "-"]
    wanted = [
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "14", "-movflags", "+faststart"),
        # what would differ from run to run: threads share a picture out, the header has a version
        *("-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
    ]
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        program = [get_ffmpeg_exe(), "-loglevel", "error", "-y"]
        with Popen([*program, *given, *wanted, str(path)], stdin=PIPE, stderr=DEVNULL) as writer:
            assert writer.stdin
            for frame in frames:
                writer.stdin.write(np.ascontiguousarray(frame).data)
            writer.stdin.close()
            code = writer.wait(PATIENCE)
        if code:
            raise RuntimeError(f"ffmpeg ended with {code}")
    except (ImportError, OSError, RuntimeError, TimeoutExpired) as error:
        raise InputError(
            "A film as .mp4 needs ffmpeg, which does not run here: pip install -r "
            "requirements.txt. Or take .gif."
        ) from error


def codes_npz(ways: Sequence[Way], closed: bool = False) -> bytes:
    """Arrays `codes` and `images` of one way; of several with ".NAME" or ".MODEL.NAME"."""
    models = {way.model for way in ways}
    arrays: dict[str, np.ndarray] = {}
    for way in ways:
        name = way.name if len(models) == 1 else f"{way.model}.{way.name}"
        end = "" if len(ways) == 1 else f".{name}"
        arrays |= {f"codes{end}": way.codes, f"images{end}": way.images}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def table_csv(ways: Sequence[Way], closed: bool = False) -> bytes:
    """A row for each step of each way.

    `leg` counts from 1, the stop at its end included; `share` is that of the whole way;
    `change` is the one from the step before; `nearest` is a test image of the gallery.
    """
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for way in ways:
        count = len(way.codes)
        for step in range(count):
            rows.writerow([
                way.model, way.name, step, max(0, step - 1) // (way.n_steps - 1) + 1,
                round(step / (count - 1), 6), f"{way.distances[step]:.6g}",
                f"{way.percentiles[step]:.6g}", f"{way.changes[step - 1]:.6g}" if step else "",
                int(way.nearest[step]),
            ])  # fmt: skip
    return file.getvalue().encode()


def _frames(ways: Sequence[Way], closed: bool) -> np.ndarray:
    """Pictures of a film, (frames, H, W[, 3]), uint8: it ends where it can begin again."""
    images = np.stack([way.images for way in ways], axis=1)  # (T, ways, C, H, W)
    order = np.arange(len(images))
    order = order[:-1] if closed else np.concatenate([order, order[-2:0:-1]])
    if len(ways) == 1:
        return to_uint8(images[order, 0])
    return np.stack([strip(together) for together in images[order]])


Writer = Callable[[Sequence[Way], bool], bytes]
WRITERS: dict[str, Writer] = {
    ".png": strip_png,
    ".gif": film_gif,
    ".mp4": film_mp4,
    ".npz": codes_npz,
    ".csv": table_csv,
}


def as_file(suffix: str, ways: Sequence[Way], closed: bool = False) -> bytes:
    """Bytes of a file that holds these ways.

    Args:
        suffix: what its name ends in, one of `WRITERS`.
        ways: over the same stops in the same steps, of images of one shape.
        closed: they end where they began.

    Raises:
        InputError: another suffix, or no program for films.
    """
    check_suffix(suffix)
    return WRITERS[suffix](ways, closed)


def check_suffix(suffix: str, name: str = "") -> None:
    """Refuse a file that nobody can write.

    Raises:
        InputError: the suffix is none of `WRITERS`.
    """
    if suffix not in WRITERS:
        raise InputError(f"--out ends in one of: {', '.join(WRITERS)}; got {name or suffix!r}.")
