"""A bundle: one folder that holds a pretrained model. Read with distrust, written whole."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from latent.errors import InputError
from latent.files import sha256, write_json, written_whole

FORMAT = 1
CONFIG, WEIGHTS, GALLERY = "config.json", "weights.safetensors", "gallery.npz"
MAPS, MAPS_INFO, IMAGES = "maps.npz", "maps.json", "images.npz"
STANDARD = "standard.npz"
CONTRAST, DENOISING, CLASSIFIER = "contrast", "dae", "classifier"
AUXILIARY = (CLASSIFIER, CONTRAST, DENOISING)  # weights and test codes only; none to explore
ENCODING = ("ae", "vae", DENOISING, CONTRAST)
FIELDS: dict[str, type] = {
    "name": str,
    "title": str,
    "kind": str,
    "image_shape": list,
    "latent_dim": int,
    "architecture": dict,
    "preprocessing": str,
    "class_names": list,
    "metrics": dict,
    "files": dict,
}


def read_config(folder: Path, kinds: tuple[str, ...] = ("ae", "vae")) -> dict[str, Any]:
    """Read and check a bundle's `config.json`, but none of the files beside it.

    Args:
        folder: of the bundle.
        kinds: of model that the caller can use.

    Raises:
        InputError: it is missing or damaged, of another format version, or a field is
            missing or of the wrong kind.
    """
    path = folder / CONFIG
    config = _read_json(path)
    if config.get("format") != FORMAT:
        raise InputError(
            f"{path}: format is {config.get('format')!r}, this version reads {FORMAT}. "
            "Use the version of the app that wrote it, or train the model again."
        )
    for name, kind in FIELDS.items():
        if not isinstance(config.get(name), kind):
            raise InputError(f"{path}: the field {name!r} is missing or no {kind.__name__}.")
    if config["kind"] not in kinds:
        wanted = " or ".join(map(repr, kinds))
        raise InputError(f"{path}: the field 'kind' is {config['kind']!r}, not {wanted}.")
    shape = config["image_shape"]
    if len(shape) != 3 or not all(isinstance(n, int) and 0 < n <= 1024 for n in shape):
        raise InputError(f"{path}: the field 'image_shape' is {shape}, not three sizes.")
    if not 0 < config["latent_dim"] <= 1024:
        raise InputError(f"{path}: the field 'latent_dim' is not between 1 and 1024.")
    voters = config.get("voters", 1)
    if not isinstance(voters, int) or not 0 < voters <= 1000:
        raise InputError(f"{path}: the field 'voters' is {voters!r}, not from 1 to 1000.")
    units = config.get("voting_units", "prior")
    if units not in ("prior", "posterior"):
        raise InputError(
            f"{path}: the field 'voting_units' is {units!r}, not 'prior' or 'posterior'."
        )
    taught = config.get("taught_to_doubt", False)
    if not isinstance(taught, bool):
        raise InputError(f"{path}: the field 'taught_to_doubt' is {taught!r}, not true or false.")
    colours, most = config.get("colour_numbers", 0), config["latent_dim"] - 1
    if type(colours) is not int or not 0 <= colours <= most:
        raise InputError(
            f"{path}: the field 'colour_numbers' is {colours!r}, not from 0 to {most}."
        )
    return config


def is_auxiliary(folder: Path) -> bool:
    """Whether a bundle helps to measure or to recognise, and is none to explore."""
    return kind_of(folder) in AUXILIARY


def kind_of(folder: Path) -> str | None:
    """What kind of model a bundle holds; None where its config cannot be read."""
    try:
        kind = _read_json(folder / CONFIG).get("kind")
    except InputError:
        return None
    return kind if isinstance(kind, str) else None


def check_files(folder: Path, config: dict[str, Any]) -> None:
    """Compare every file beside `config.json` with the fingerprint written there.

    Raises:
        InputError: a file is missing, truncated or altered, or the config names none
            for the weights or the gallery, or one outside the folder.
    """
    files = config["files"]
    for name in {WEIGHTS, GALLERY, *files}:
        if name not in files or Path(name).name != name:
            raise InputError(f"{folder / CONFIG}: the field 'files' has no proper {name!r}.")
        if not (folder / name).is_file():
            raise InputError(f"{folder / name} is missing. Fetch the bundle again.")
        if sha256(folder / name) != files[name]:
            raise InputError(
                f"{folder / name} is not the file that {CONFIG} describes (sha256 differs): "
                "truncated or altered. Fetch the bundle again."
            )


def read_arrays(path: Path, required: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Read an `.npz` without ever unpickling.

    Raises:
        InputError: no such file, not an npz of plain arrays, or one is missing.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing. Fetch the bundle again.") from error
    # hostile bytes raise whatever zipfile, zlib and NumPy's header parser think of
    except Exception as error:
        raise InputError(f"{path} is no .npz of plain arrays. Fetch it again.") from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise InputError(f"{path} is no .npz of plain arrays. Fetch it again.")
    for name in required:
        if name not in arrays:
            raise InputError(f"{path}: the array {name!r} is missing; it has {sorted(arrays)}.")
    return arrays


def arrays_of(data: bytes, most: int, problem: str) -> dict[str, np.ndarray]:
    """Arrays of an `.npz` from outside, given as bytes, without ever unpickling.

    Args:
        data: the file.
        most: bytes that may come of it.
        problem: what to say where it is no such file, or holds more.

    Raises:
        InputError: with that.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > most:
                raise InputError(problem)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    # hostile bytes raise whatever zipfile, zlib and NumPy's header parser think of
    except Exception as error:
        raise InputError(problem) from error
    if not all(isinstance(array, np.ndarray) for array in found.values()):
        raise InputError(problem)
    return found


def read_maps_info(folder: Path) -> dict[str, Any]:
    """Read `maps.json` if the config names it; a bundle without maps has none."""
    named = MAPS_INFO in read_config(folder)["files"]
    return _read_json(folder / MAPS_INFO) if named else {}


def write_bundle(
    folder: Path, config: dict[str, Any], network: Any, gallery: dict[str, Any]
) -> None:
    """Write a bundle without maps; `config.json` comes last and seals it.

    What belongs to the model before it, maps for instance, would be wrong now and is removed.

    Args:
        folder: made if it is not there.
        config: all fields but "format" and "files".
        network: the trained `torch.nn.Module`; its weights are stored in 16 bits.
        gallery: arrays for `gallery.npz`.
    """
    from safetensors.torch import save_file

    half = {key: value.half().contiguous() for key, value in network.state_dict().items()}
    (folder / CONFIG).unlink(missing_ok=True)  # no seal while the files change
    with written_whole(folder / WEIGHTS) as part:
        save_file(half, part)
    write_arrays(folder / GALLERY, gallery)
    for name in (MAPS, MAPS_INFO, IMAGES, STANDARD):
        (folder / name).unlink(missing_ok=True)
    seal(folder, config)


def write_maps(folder: Path, arrays: dict[str, np.ndarray], info: dict[str, Any]) -> None:
    """Write the maps into a bundle and seal it again."""
    config = read_config(folder)
    seal(folder, config, maps=False)  # if we are stopped below, the model still loads
    if arrays:
        write_arrays(folder / MAPS, arrays)
    write_json(folder / MAPS_INFO, info)
    seal(folder, config)


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an `.npz`, whole or not at all."""
    with written_whole(path) as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def write_images(folder: Path, images: np.ndarray, indices: np.ndarray) -> None:
    """Add originals of some gallery images to a bundle, without loss.

    Args:
        folder: of the bundle.
        images: shape (n, H, W, 3), uint8.
        indices: shape (n,), of the gallery.
    """
    from PIL import Image

    packed = []
    for pixels in images:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", lossless=True)
        packed.append(file.getvalue())
    ends = np.cumsum([len(one) for one in packed])
    arrays = {"webp": np.frombuffer(b"".join(packed), np.uint8), "ends": ends, "indices": indices}
    config = read_config(folder)
    write_arrays(folder / IMAGES, arrays)
    seal(folder, config)


def read_images(folder: Path) -> dict[int, bytes]:
    """Originals of gallery images by index, each as the bytes of a WebP file.

    Raises:
        InputError: the file is damaged.
    """
    if IMAGES not in read_config(folder)["files"]:
        return {}
    arrays = read_arrays(folder / IMAGES, ("webp", "ends", "indices"))
    webp, ends, indices = arrays["webp"].tobytes(), arrays["ends"], arrays["indices"]
    starts = [0, *ends[:-1].tolist()]
    spans = zip(indices.tolist(), starts, ends.tolist(), strict=True)
    return {index: webp[start:end] for index, start, end in spans}


def seal(folder: Path, config: dict[str, Any], *, maps: bool = True) -> None:
    """Write `config.json` with the fingerprints of the files that lie beside it.

    Args:
        folder: of the bundle.
        config: all fields but "format" and "files".
        maps: name the maps too; without, the bundle counts as one that has none.
    """
    names = (WEIGHTS, GALLERY, IMAGES, STANDARD, *((MAPS, MAPS_INFO) if maps else ()))
    present = [name for name in names if (folder / name).exists()]
    files = {name: sha256(folder / name) for name in present}
    write_json(folder / CONFIG, {"format": FORMAT, **config, "files": files})


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing. Fetch the bundle again.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}. Fetch it again.") from error
    if not isinstance(document, dict):
        raise InputError(f"{path} holds no JSON object. Fetch it again.")
    return document
