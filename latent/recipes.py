"""Recipes: all that a training run depends on besides the data.

The same recipe gives the same figures elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from latent.autoencoder import Architecture, Layer, halved, kept
from latent.errors import InputError

NARROW = 64


@dataclass(frozen=True)
class Recipe:
    """One way to train one model.

    Args:
        name: of the model, and of its bundle.
        kind: "ae" or "vae".
        latent_dim: numbers in a code.
        loss: reconstruction term, summed over pixels: "squared_error" or
            "cross_entropy" (in nats).
        beta: weight of the KL term; 0 for an ae.
        epochs: passes over the training split.
        data: data set, "mnist" or "furniture".
        learning_rate: highest one of a one-cycle schedule.
        augmented: share of the images that are changed a little in each pass.
        restores: what is drawn from a changed image's code is compared with the image
            as it was, so that the code keeps what the change did not touch.
        spoilt: standard deviation of the noise that is added to what the encoder sees; drawn
            is the image without it. Above 0 the model is a denoising autoencoder.
        lesson: what codes are told beside the images: "", "model/map" (where a map of
            another model places each image) or "causes" (of a rendered image).
        lesson_weight: of that, in the loss.
        pictures: that it learns from: "once" is the training split, "twice" has more designs,
            each in two pictures, and "more" many more yet (`latent.furniture.twice`).
        mirrored: whether half of the pictures are mirrored.
        before: what is trained first, on other pictures; this run begins with its weights.
        colour_numbers: numbers of a code, the last ones, that may say what colours a piece has;
            the others should not, and only they are told causes.
        recoloured: weight in the loss of how much the others change when a piece gets other
            colours, as a share of their spread.
        normalised: whether its encoder is deep, and trained with batch normalisation
            (`latent.normalising`) and in 16 bits where that is faster.
        unsure: weight in the loss of how sure the encoder of a vae is of pictures that show no
            digit (`latent.outsiders`); 0 trains without them.
        narrow: whether its networks are a quarter as large, as is enough for a helper.
        batch: images a step.
        seed: of weights, order and augmentation.
    """

    name: str
    kind: str
    latent_dim: int
    loss: str
    beta: float
    epochs: int
    data: str = "mnist"
    learning_rate: float = 2e-3
    augmented: float = 0.7
    restores: bool = False
    spoilt: float = 0.0
    lesson: str = ""
    lesson_weight: float = 0.0
    pictures: str = "once"
    mirrored: bool = False
    before: Recipe | None = None
    colour_numbers: int = 0
    recoloured: float = 0.0
    normalised: bool = False
    unsure: float = 0.0
    narrow: bool = False
    batch: int = 128
    seed: int = 0


# of what furniture-vae begins with: alone it tells causes of new designs less well than those of
# designs that it learned from, which more of them mend
FIRST_RUN_ON_FURNITURE = Recipe(
    "furniture-vae-first", "vae", 32, "squared_error", beta=0.02, epochs=20, data="furniture",
    augmented=0.5, lesson="causes", lesson_weight=24.0, pictures="twice", colour_numbers=6,
    recoloured=30.0, normalised=True,
)  # fmt: skip

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("mnist-ae", "ae", 16, "squared_error", beta=0.0, epochs=55),
        Recipe("mnist-vae", "vae", 16, "cross_entropy", beta=0.7, epochs=45),
        Recipe(
            "mnist-vae-2d", "vae", 2, "cross_entropy", beta=0.5, epochs=40, augmented=0.5,
            restores=True, lesson="mnist-ae/tsne2", lesson_weight=300.0, unsure=5.0,
        ),
        Recipe(
            "mnist-dae", "ae", 16, "squared_error", beta=0.0, epochs=12, spoilt=0.4, narrow=True
        ),
        Recipe(
            "furniture-ae", "ae", 32, "squared_error", beta=0.0, epochs=50, data="furniture",
            augmented=0.5, lesson="causes", lesson_weight=2.0,
        ),
        replace(
            FIRST_RUN_ON_FURNITURE, name="furniture-vae", epochs=10, learning_rate=1.5e-3,
            pictures="more", mirrored=True, before=FIRST_RUN_ON_FURNITURE,
        ),
    )
}  # fmt: skip


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        InputError: there is none.
    """
    if name not in RECIPES:
        raise InputError(f"Unknown recipe {name!r}; choose one of: {', '.join(RECIPES)}.")
    return RECIPES[name]


def architecture(recipe: Recipe) -> Architecture:
    """The networks of a recipe."""
    size = "narrow " if recipe.narrow else "deep " if recipe.normalised else ""
    return ARCHITECTURES[f"{size}{recipe.data}"](recipe.kind, recipe.latent_dim)


def narrow_digit_architecture(kind: str, latent_dim: int) -> Architecture:
    """The same with a quarter of the weights: nearly all are where code and pictures meet."""
    whole = digit_architecture(kind, latent_dim)
    widths = {256: NARROW, 288: NARROW}

    def narrowed(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return tuple(
            (layer[0], *(widths.get(size, size) for size in layer[1:]))
            if layer[0] == "linear"
            else layer
            for layer in layers
        )

    return replace(whole, encoder=narrowed(whole.encoder), decoder=narrowed(whole.decoder))


def digit_architecture(kind: str, latent_dim: int) -> Architecture:
    """Networks for 28×28 digits, small enough for a browser.

    Encoder 4.3 M and decoder 2.7 M multiply-adds. The decoder ends in a convolution
    and a pixel shuffle, which equals a transposed convolution and trains twice as fast
    on a CPU. Two numbers take one more layer to unfold than sixteen.
    """
    unfold: tuple[Layer, ...] = (("linear", latent_dim, 288), ("silu",), ("linear", 288, 3136))
    if latent_dim == 2:
        unfold = (
            ("linear", 2, 256),
            ("silu",),
            ("linear", 256, 256),
            ("silu",),
            ("linear", 256, 3136),
        )

    encoder: tuple[Layer, ...] = (
        *halved(1, 32),
        *halved(32, 64),
        *kept(64, 64),
        ("flatten",),
        ("linear", 3136, 256),
        ("silu",),
        ("linear", 256, latent_dim * (2 if kind == "vae" else 1)),
    )
    decoder: tuple[Layer, ...] = (
        *unfold,
        ("silu",),
        ("unflatten", 64, 7, 7),
        ("conv_transpose", 64, 32, 4, 2, 1),
        ("silu",),
        ("conv", 32, 4, 3, 1, 1),
        ("pixel_shuffle", 2),
        ("sigmoid",),
    )
    return Architecture(kind, (1, 28, 28), latent_dim, encoder, decoder)


def furniture_architecture(kind: str, latent_dim: int) -> Architecture:
    """Networks for 64×64 colour images: encoder 16.1 M, decoder 5.8 M multiply-adds."""
    encoder: tuple[Layer, ...] = (
        *halved(3, 32),
        *halved(32, 48),
        *halved(48, 96),
        *halved(96, 128),
        ("flatten",),
        ("linear", 2048, 192),
        ("silu",),
        ("linear", 192, latent_dim * (2 if kind == "vae" else 1)),
    )
    decoder: tuple[Layer, ...] = (
        ("linear", latent_dim, 256),
        ("silu",),
        ("linear", 256, 3072),
        ("silu",),
        ("unflatten", 48, 8, 8),
        ("conv_transpose", 48, 28, 4, 2, 1),
        ("silu",),
        ("conv_transpose", 28, 16, 4, 2, 1),
        ("silu",),
        ("conv", 16, 12, 3, 1, 1),
        ("pixel_shuffle", 2),
        ("sigmoid",),
    )
    return Architecture(kind, (3, 64, 64), latent_dim, encoder, decoder)


def deep_furniture_architecture(kind: str, latent_dim: int) -> Architecture:
    """The same decoder, and an encoder of 50.5 M multiply-adds: causes take looking closely."""
    encoder: tuple[Layer, ...] = (
        *halved(3, 32),
        *halved(32, 64),
        *kept(64, 96),
        *halved(96, 128),
        *kept(128, 128),
        *halved(128, 128),
        ("flatten",),
        ("linear", 2048, latent_dim * (2 if kind == "vae" else 1)),
    )
    return replace(furniture_architecture(kind, latent_dim), encoder=encoder)


ARCHITECTURES = {
    "mnist": digit_architecture,
    "narrow mnist": narrow_digit_architecture,
    "furniture": furniture_architecture,
    "deep furniture": deep_furniture_architecture,
}
