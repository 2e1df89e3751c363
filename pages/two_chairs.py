"""Two chairs: what is near in pixels, what is near in codes, and what lies between."""

import numpy as np
import streamlit as st

from latent import triples
from latent.images import to_uint8
from latent.space import LatentSpace
from ui import frame, resources, state, triangle, two_chairs
from ui.state import Key

frame.head(
    "Two chairs",
    "What makes two pictures alike, their colours or what they show? Take two chairs of different "
    "colours and a table, and ask twice: once the pixels, once the code.",
)
names = triples.models()
if not names:
    st.info(
        "This page needs a model of chairs and tables, and there is none yet. Render images and "
        "train one: `python -m latent render furniture --count 24000 --out data/furniture`, then "
        "`python -m latent train furniture-vae`.",
        icon=":material/chair:",
    )
    st.stop()
two_chairs.prefer(names)
space = frame.chosen_model(
    names, Key.CHAIRS_MODEL, "Only models of chairs and tables. Other pages keep their own choice."
)


def choose(pieces: list[two_chairs.Piece]) -> None:
    """The three pictures, each with its number; photos of one's own below."""
    st.subheader("1 · Choose two chairs and a table", anchor=False)
    st.markdown(
        "A random triple is two chairs of much the same shape in different colours, and a table "
        "in the colour of chair A. You may also type numbers, or bring photos."
    )
    st.button("Random triple", key=Key.RANDOM_TRIPLE, icon=":material/casino:",
              on_click=two_chairs.draw_another, args=[space])  # fmt: skip
    last = len(space.gallery) - 1
    for piece, column in zip(pieces, st.columns(3, gap="medium"), strict=True):
        title = two_chairs.TITLES[piece.role]
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**  \n{piece.words}")
            st.image(frame.enlarged(to_uint8(piece.picture)), width=160, alt=title)
            if piece.source == "photo":
                st.button("Back to the gallery", key=state.NO_PHOTO[piece.role],
                          on_click=two_chairs.take_number, args=[piece.role])  # fmt: skip
                continue
            st.number_input(
                "Image number", 0, last, key=state.PIECE_NUMBER[piece.role], width=160,
                on_change=two_chairs.take_number, args=[piece.role],
                help=f"Any of the {last + 1:,} images of the data set.",
            )  # fmt: skip
    with st.expander("Photos of your own", icon=":material/add_photo_alternate:"):
        st.markdown(
            "One piece of furniture, whole, on an even ground, up to 20 MB. "
            "A photo stays in this visit's memory; nothing is stored."
        )
        for role, column in zip(state.ROLES, st.columns(3, gap="medium"), strict=True):
            box = column.container(key=f"latent-ways-{role}")  # frame.STYLE knows it
            box.file_uploader(
                f"In place of {two_chairs.TITLES[role].replace('Table', 'the table')}",
                key=state.photo_key(st.session_state, role),
                on_change=two_chairs.take_photo, args=[space, role],
            )  # fmt: skip
    if st.session_state[Key.PHOTO_ERROR]:
        st.error(frame.plain(st.session_state[Key.PHOTO_ERROR]), icon=":material/error:")


def measure(pieces: list[two_chairs.Piece]) -> None:
    """The distances between the three, by their pixels and by their codes."""
    st.subheader("2 · Which two are nearest?", anchor=False)
    st.markdown(
        "In pixels, two pictures are as far apart as their colours differ, spot by spot; in codes, "
        f"as their {space.latent_dim} numbers do. Each triangle has its own scale: see which of "
        "its sides is short and which is long; across the two the lengths mean nothing."
    )
    pictures = [to_uint8(piece.picture) for piece in pieces]
    values = int(pieces[0].picture.size)
    by_pixels = triples.distances(np.stack([piece.picture for piece in pieces]))
    by_codes = triples.distances(np.stack([piece.code for piece in pieces]))
    height = max(triangle.layout(sides).height for sides in (by_pixels, by_codes))
    left, right = st.columns(2, gap="large")
    left.html(triangle.drawing(
        "In pixels", f"Euclidean over {values:,} values · {two_chairs.sources(pieces)}",
        by_pixels, pictures, height,
    ))  # fmt: skip
    right.html(triangle.drawing(
        "In codes", f"Euclidean over {space.latent_dim} numbers", by_codes, pictures, height
    ))  # fmt: skip
    st.markdown(triangle.verdict(by_pixels, by_codes) + two_chairs.held_for_colours(space, pieces))


def compare(pieces: list[two_chairs.Piece]) -> None:
    """What the decoder draws from each code, and which causes the chairs share."""
    st.subheader("3 · What the code keeps, and what it drops", anchor=False)
    st.markdown(
        f"The encoder writes each picture down as {space.latent_dim} numbers, and the decoder "
        "draws it again from them alone. The third picture shows what was lost on the way: white "
        "where both agree, darker the more they differ."
    )
    left, right = st.columns(2, gap="large")
    with left:
        two_chairs.kept(space, pieces)
    with right:
        found = two_chairs.shared(space, pieces)
        if not found:
            st.caption("What caused a photo is not known; of two gallery images it is shown here.")
            return
        same = sum(cause.same for cause in found)
        st.markdown(
            f"The gallery is rendered, so what caused each picture is known. Of these causes chair "
            f"A and chair B share {same} of {len(found)}:"
        )
        st.html(two_chairs.causes_table(found))


@frame.fragment
def walk(space: LatentSpace, pieces: list[two_chairs.Piece]) -> None:
    """All that a movement of the slider changes."""
    st.subheader("4 · Walk from chair A to the table", anchor=False)
    st.markdown(
        "Every step between is a code that no image gave, drawn by the decoder. Stop halfway: "
        "is it still a chair, already a table, or something new?"
    )
    two_chairs.walk(space, pieces)
    st.markdown("**Is there an image like it?**")
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left:
        words = two_chairs.between(space, pieces)
    right.markdown(words)


with frame.errors_shown():
    two_chairs.send_decoder(space)
    pieces = two_chairs.current(space)
    choose(pieces)
    measure(pieces)
    compare(pieces)
    walk(space, pieces)
resources.warm_up(space.name)
