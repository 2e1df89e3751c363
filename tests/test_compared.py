"""Ways compared on Explore, without a browser: what is found, measured and sent."""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from latent import InputError, LatentSpace
from latent.__main__ import main
from latent.paths import TRAIL
from latent.runtime import NotPortableError
from latent.ways import WAYS, follow, through
from ui import keep, resources, state
from ui.live.line import Line, ways_parcel
from ui.live.parcels import Parcel
from ui.state import Key, Spot


@pytest.fixture(autouse=True)
def _fresh_server(tiny_models: Path) -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Parcel]:
    """The arrays that the browser was last sent for each place."""
    parcels: dict[str, Parcel] = {}
    monkeypatch.setattr("ui.live.send", lambda parcel, key: parcels.update({parcel.slot: parcel}))
    return parcels


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict]:
    slots: dict[str, dict] = {}
    monkeypatch.setattr("ui.live.pin", lambda slot, values, key: slots.update({slot: values}))
    return slots


def run(**session: object) -> AppTest:
    app = AppTest.from_file("../pages/explore.py", default_timeout=60)
    for key, value in {"MODEL": "mnist-vae", "STANDS": True, **session}.items():
        app.session_state[Key[key]] = value
    app.run()
    while resources.warming("mnist-vae"):  # a part of the page that runs by the clock looks again
        time.sleep(0.05)
    app.run()
    assert not app.exception
    assert not app.error
    return app


def unpacked(parcel: Parcel) -> tuple[dict, dict[str, np.ndarray]]:
    length = int.from_bytes(parcel.data[:4], "little")
    fields = json.loads(parcel.data[4 : 4 + length])
    kinds = {"u1": np.uint8, "f4": np.float32}
    arrays = {
        name: np.frombuffer(
            parcel.data, kinds[a["dtype"]], a["size"], offset=4 + length + a["offset"]
        )
        for name, a in fields["arrays"].items()
    }
    return fields, arrays


def test_the_page_sends_what_it_measured_of_every_way(sent, pinned, tiny_space: LatentSpace):
    run(A=3, B=44, N_STEPS=7)
    fields, arrays = unpacked(sent["ways"])
    assert fields["stamp"] == pinned["scene"]["stamp"]
    stops = tiny_space.gallery.codes[[3, 44]]
    assert list(fields["figures"]) == list(WAYS)
    for name in WAYS:
        way, found = follow(tiny_space, name, stops, 7), fields["figures"][name]
        assert found["length"] == pytest.approx(way.length, rel=1e-5)
        np.testing.assert_allclose(found["percentiles"], way.percentiles)
        np.testing.assert_allclose(found["changes"], way.changes, atol=1e-6)
    trail = through(tiny_space, "graph", stops, TRAIL)
    np.testing.assert_array_equal(arrays["codes.graph"].reshape(trail.shape), trail)
    assert "images.lerp" not in arrays


def test_more_stops_and_the_way_round_are_sent_too(sent, pinned, tiny_space: LatentSpace):
    run(A=3, B=44, MORE=(7, 120), CLOSED=True, N_STEPS=5)
    assert [point["index"] for point in pinned["scene"]["choice"]["more"]] == [7, 120]
    fields, _ = unpacked(sent["ways"])
    way = follow(tiny_space, "slerp", tiny_space.gallery.codes[[3, 44, 7, 120]], 5, closed=True)
    np.testing.assert_allclose(fields["figures"]["slerp"]["percentiles"], way.percentiles)
    assert len(fields["figures"]["graph"]["changes"]) == 16


@pytest.mark.parametrize("path", WAYS)
def test_the_neighbours_follow_the_slider_on_every_way(path: str, tiny_space: LatentSpace):
    app = run(A=3, B=44, PATH=path, STEP=30)
    app.session_state[Key.STEP] = 70
    app.run()
    assert not app.exception
    assert not app.error
    assert app.session_state[Key.PATH] == path


def test_a_way_that_cannot_be_gone_is_said_in_its_place(tiny_space: LatentSpace):
    stops = np.array([[1, 0, 0, 0], [-1, 0, 0, 0]], np.float32)
    line = Line("mnist-vae", stops, 5, closed=False)
    found = {"lerp": follow(tiny_space, "lerp", stops, 5), "slerp": "codes that are not opposite"}
    fields, arrays = unpacked(ways_parcel(line, found, None, drawn=True))
    assert list(fields["figures"]) == ["lerp"]
    assert fields["failed"] == {"slerp": "codes that are not opposite"}
    assert arrays == {}


def test_the_stamp_tells_stops_steps_and_models_apart():
    stops = np.zeros((2, 4), np.float32)
    lines = [
        Line("a", stops, 5, False), Line("b", stops, 5, False), Line("a", stops + 1, 5, False),
        Line("a", stops, 7, False), Line("a", stops, 5, True),
    ]  # fmt: skip
    assert len({line.stamp for line in lines}) == 5
    assert lines[0].stamp == Line("a", stops.copy(), 5, False).stamp


def test_a_model_that_only_the_server_can_run_sends_the_pictures_along(
    sent, monkeypatch: pytest.MonkeyPatch, tiny_space: LatentSpace
):
    def refuse(folder: Path, part: str) -> None:
        raise NotPortableError("too large")

    monkeypatch.setattr("ui.resources.portable", refuse)
    run(A=3, B=44, PATH="pixels", N_STEPS=5)
    _, arrays = unpacked(sent["ways"])
    way = follow(tiny_space, "graph", tiny_space.gallery.codes[[3, 44]], 5)
    np.testing.assert_allclose(
        arrays["images.graph"].reshape(way.images.shape) / 255, way.images, atol=1 / 255
    )
    _, frames = unpacked(sent["frames"])
    blend = frames["pixels"].reshape(101, 28, 28)[50] / 255
    ends = tiny_space.decode(tiny_space.gallery.codes[[3, 44]])[:, 0]
    np.testing.assert_allclose(blend, ends.mean(0), atol=1.5 / 255)


def test_stops_are_added_moved_and_removed(pinned) -> None:
    app = run(A=3, B=44)
    app.number_input(key=Key.NUMBER_NEXT).set_value(7).run()
    app.button(key=Key.ADD_STOP).click().run()
    assert state.stops(app.session_state) == [3, 44, 7]
    app.button(key=state.stop_key("earlier", 2)).click().run()
    assert state.stops(app.session_state) == [3, 7, 44]
    assert app.number_input(key=state.shown_key(app.session_state, Key.NUMBER_B)).value == 7
    app.button(key=state.stop_key("remove", 0)).click().run()
    assert state.stops(app.session_state) == [7, 44]
    assert state.stop_key("remove", 0) not in [button.key for button in app.button]
    app.toggle(key=Key.CLOSED).set_value(True).run()
    assert pinned["scene"]["closed"]
    assert pinned["scene"]["address"]["stops"] == "7,44"
    assert pinned["scene"]["address"]["round"] == "1"
    app.session_state[Key.MORE] = (1, 2, 4, 5, 6, 8)
    app.run()
    assert app.button(key=Key.ADD_STOP).disabled
    assert not app.exception


@pytest.mark.parametrize("suffix", keep.FILES)
def test_a_download_and_the_command_beside_it_make_the_same_bytes(
    suffix: str, tiny_space: LatentSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def code(start: int) -> tuple[float, ...]:
        halves = tiny_space.gallery.codes[start].astype(np.float16)
        return tuple(halves.astype(float).tolist())

    dashed = Spot("mnist-vae", None, None, (-3.98, *code(5)[1:]))
    session = {**state.DEFAULTS, Key.A: 3, Key.B: dashed, Key.MORE: (7,), Key.N_STEPS: 5}
    session |= {Key.CLOSED: True, Key.PATH: "slerp"}
    monkeypatch.setattr(st, "session_state", session)
    made = keep._maker(tiny_space, state.stops(session), suffix)()
    out = tmp_path / keep.FILES[suffix][1]
    words = [keep._words(tiny_space, point) for point in state.stops(session)]
    path, steps = keep._path(suffix), keep._steps(suffix)
    typed = shlex.split(keep.command("mnist-vae", words, path, steps, True, str(out)))
    assert typed[:3] == ["python", "-m", "latent"]
    monkeypatch.setattr(sys, "argv", typed[2:])
    main()
    assert out.read_bytes() == made


def test_a_word_that_begins_with_a_dash_is_no_option() -> None:
    typed = keep.command("m", ["-abc", "5"], "lerp", 5, False, "a.png")
    assert typed.endswith("--out a.png -- m -abc 5")
    assert "--" not in keep.command("m", ["5", "6"], "lerp", 5, False, "a.png").split()


def test_downloads_leave_out_a_way_that_cannot_be_gone(tiny_space: LatentSpace) -> None:
    stops = np.array([[1, 0, 0, 0], [-1, 0, 0, 0]], np.float32)
    table = keep.contents(tiny_space, stops, "all", 3, False, ".csv").decode()
    assert ",lerp," in table
    assert ",slerp," not in table
    with pytest.raises(InputError, match="not opposite"):
        keep.contents(tiny_space, stops, "slerp", 3, False, ".csv")
