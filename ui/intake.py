"""Four ways in for images of a visitor's own: the sheet, files, the camera, the clipboard."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from latent.decoding import MAX_BYTES
from latent.errors import InputError
from latent.reading import plain_name
from latent.space import LatentSpace
from ui import frame, live, resources, state
from ui.explorer import INBOX
from ui.live import parcels
from ui.state import Key
from ui.uploads import Prepares, Tray, Upload
from ui.wording import wording

MANY = 4  # files from which a bar shows how far they are
PEN = {"mnist-digit": 20, "furniture-photo": 7}  # pixels of the sheet's 280
SLOW = (
    "This model's encoder is too large to run in the browser while you draw: "
    "the server places your drawing whenever the pen rests."
)


UNREADABLE = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


def send_encoder(space: LatentSpace) -> None:
    """Send the encoder to the browser, where that can run it while somebody draws."""
    parcel = resources.encoder_parcel(space.name)
    if parcel is not None:
        with st.container(key=f"{INBOX}-encoder-box"):
            live.send(parcel, key=f"{INBOX}-encoder")


def sheet(space: LatentSpace, tray: Tray) -> None:
    """The sheet to draw on."""
    encoder = resources.encoder_parcel(space.name)
    how = space.config["preprocessing"]
    answer = None
    with st.container(key=f"{INBOX}-pad-box"):
        if encoder is None and tray.shown is not None and tray.shown.drawing is not None:
            answer = _answer(space, tray.shown)
        live.pin("pad", {
            "encoder": encoder and encoder.version,
            "voters": space.voters,
            "width": PEN.get(how, 10),
            "invite": f"Draw {wording(space).thing} here",
            "slow": SLOW,
            "gone": tray.gone,
            "answer": answer,
            "seq": st.session_state[Key.PAD_SEQ],
        }, key=f"{INBOX}-pad")  # fmt: skip
    live.pad(Key.PAD, on_drawing=_drawn)


def plain_sheet(given: Prepares, tray: Tray) -> None:
    """The sheet to draw on, where nothing follows the pen: the page answers when it rests."""
    how = given.config["preprocessing"]
    with st.container(key=f"{INBOX}-pad-box"):
        live.pin("pad", {
            "encoder": None,
            "voters": 0,
            "width": PEN.get(how, 10),
            "invite": f"Draw {wording(given).thing} here",
            "alone": True,
            "slow": "",
            "gone": tray.gone,
            "answer": None,
            "seq": st.session_state[Key.PAD_SEQ],
        }, key=f"{INBOX}-pad")  # fmt: skip
    live.pad(Key.PAD, on_drawing=_drawn)


def _answer(space: LatentSpace, upload: Upload) -> dict[str, Any]:
    """What the browser shows beside the sheet where it cannot compute it."""
    found = upload.placed(space)
    parcel = parcels.frames_parcel(np.stack([upload.x(space), found.reconstruction]), "answer")
    live.send(parcel, key=f"{INBOX}-answer")
    labels = space.gallery.labels[found.neighbours[: space.voters]]
    votes = int((labels == space.class_names.index(found.label)).sum())
    return {
        "version": parcel.version, "number": upload.drawing, "label": found.label, "votes": votes,
    }  # fmt: skip


def ways(space: Prepares) -> None:
    """Files, camera and clipboard."""
    box = st.container(key="latent-ways")  # frame.STYLE knows it
    files, other = box.columns([2, 1], gap="medium", vertical_alignment="bottom")
    files.file_uploader(
        f"Bring images of {wording(space).things}: drop files here, several at once, up to "
        f"{MAX_BYTES / 1e6:.0f} MB each",
        key=state.round_key(st.session_state, Key.UPLOADER), accept_multiple_files=True,
        help=wording(space).advice,
    )  # fmt: skip
    with other:
        st.toggle("Camera", key=Key.CAMERA_ON)
        live.paste(Key.PASTE, MAX_BYTES, on_images=_pasted)
    if st.session_state[Key.CAMERA_ON]:
        st.camera_input("Hold it to the camera", label_visibility="collapsed", width=420,
                        key=state.round_key(st.session_state, Key.CAMERA))  # fmt: skip


def arrived() -> list[Upload]:
    """Images that wait to be taken; what brought them is empty afterwards.

    They stay in the session until they are taken: whoever goes to another page meanwhile finds
    the rest when coming back.
    """
    session = st.session_state
    for key, name in ((Key.UPLOADER, None), (Key.CAMERA, "camera.jpg")):
        given = session.get(state.round_key(session, key)) or []
        files: list[UploadedFile] = given if isinstance(given, list) else [given]
        if files:
            _wait([Upload(name or plain_name(file.name), file.getvalue()) for file in files])
            session[state.ROUND[key]] += 1
            release(files)
    waiting: list[Upload] = session[Key.PENDING] or []
    return waiting


def take_all(space: Prepares, tray: Tray, waiting: list[Upload], where: DeltaGenerator) -> None:
    """Put what waits into the tray, one after the other; say what is refused, and go on.

    Args:
        space: what they are prepared for; a model places them, too.
        tray: of this visit.
        waiting: as `arrived` gives them; empty afterwards.
        where: a place for the bar.
    """
    if not waiting:
        return
    total = len(waiting)
    while waiting:
        done = total - len(waiting)
        if total > MANY:  # here another page may end this
            where.progress(done / total, f"Image {done + 1} of {total}")
        try:
            _take(space, tray, waiting[0])
        except InputError as error:
            tray.refused.append((waiting[0].name, str(error)))
        waiting.pop(0)
    where.empty()


def refusals(tray: Tray) -> None:
    """What could not be read, each in a row of its own."""
    for name, sentence in tray.refused:
        st.error(f"**{frame.plain(name)}** {frame.plain(sentence)}", icon=":material/error:")


def _take(space: Prepares, tray: Tray, upload: Upload) -> None:
    known = None if upload.drawing is None else tray.sheet(upload.drawing)
    if known is None:
        tray.check(len(upload.data))  # before any work
    if isinstance(space, LatentSpace):
        upload.placed(space)
    upload.thumbnail(space)
    if known is None:
        tray.add(upload)
    else:
        tray.images[known].become(upload)
        tray.choose(known)


def release(files: list[UploadedFile]) -> None:
    """Let go of files that were taken: Streamlit keeps them until the visit ends."""
    context = get_script_run_ctx()
    remove = getattr(context and context.uploaded_file_mgr, "remove_file", None)
    if context is not None and remove is not None:
        for file in files:
            remove(session_id=context.session_id, file_id=file.file_id)


def _wait(uploads: list[Upload]) -> None:
    """Have images wait to be taken; what was said of those before them has been read."""
    session = st.session_state
    session[Key.PENDING] = [*(session[Key.PENDING] or []), *uploads]
    state.tray(session).refused = []


def _drawn() -> None:
    """The pen has come to rest; what cannot be read is said and changes nothing."""
    session = st.session_state
    with frame.errors_shown():
        seq, number, content = read_drawing(session[Key.PAD]["drawing"])
        session[Key.PAD_SEQ] = seq
        if content is not None:
            _wait([Upload(f"drawing {number}", content, drawing=number)])
            return
        tray = state.tray(session)
        known = tray.sheet(number)
        if known is not None:
            tray.remove(known)
            tray.gone.remove(number)  # the sheet is empty already


def _pasted() -> None:
    with frame.errors_shown():
        pasted = read_pasted(st.session_state[Key.PASTE]["images"])
        _wait([Upload(plain_name(name) or "pasted image", content) for name, content in pasted])


def read_drawing(value: Any) -> tuple[int, int, bytes | None]:
    """Check what came from the sheet: its number, the sheet's, and a PNG or nothing.

    Raises:
        InputError: it is not as the page's own script sends it.
    """
    try:
        seq, number, address = int(value["seq"]), int(value["number"]), value["png"]
        return seq, number, None if address is None else _content(address)
    except UNREADABLE as error:
        raise InputError(
            "The sheet sent a drawing that cannot be read. Reload the page."
        ) from error


def read_pasted(value: Any) -> list[tuple[str, bytes]]:
    """Check what came from the clipboard: names and contents.

    Raises:
        InputError: it is not as the page's own script sends it.
    """
    try:
        return [(str(image["name"]), _content(image["url"])) for image in value]
    except UNREADABLE as error:
        raise InputError(
            "What was pasted cannot be read. Save it as a file and bring that."
        ) from error


def _content(address: str) -> bytes:
    """Bytes of a data: address."""
    kind, found, content = address.partition(";base64,")
    if not (found and kind.startswith("data:")):
        raise ValueError(address[:40])
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
