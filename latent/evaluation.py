"""Figures of a model on the test split, beside PCA on the same split."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent.data import TEST, TRAIN, Dataset
from latent.images import stack, strip
from latent.metrics import (
    bernoulli_log_likelihood,
    kl_divergence,
    knn_accuracy,
    posterior_scale,
)
from latent.space import VOTERS, LatentSpace

PCA_SIZES = {"mnist": (2, 16, 96, 128), "furniture": (2, 32, 128)}
WAYS, WAY_STEPS, SURE = 1_000, 33, 0.9
SHOWN = 10  # pictures and ways
DRAWS = 10_000
ACTIVE = 0.01  # variance of mu above which a number of the code carries information


def evaluate(space: LatentSpace, data: Dataset, seed: int = 0) -> dict[str, Any]:
    """Measure a model on the test split of its data.

    Args:
        space: the model.
        data: its data set, in the order of the gallery.
        seed: of the posterior samples that the ELBO needs.

    Returns:
        "model", "kind", "latent_dim", "test_mse" (a pixel), "knn_accuracy" (training codes
        as references, of which the nearest "voters" vote), parameters and multiply-adds of
        both networks, "maps" (as measured when they were made); for a vae "beta", and in
        nats an image "kl" and "elbo", and "posterior_scale" of every active number.
    """
    from latent.autoencoder import multiply_adds

    x = data.x(TEST)
    mu, logvar = space.autoencoder.encode(x)
    network = space.autoencoder
    gallery = space.gallery
    train = gallery.split == TRAIN
    figures: dict[str, Any] = {
        "model": space.name,
        "kind": space.config["kind"],
        "latent_dim": space.latent_dim,
        "test_mse": float(np.square(space.decode(mu) - x).mean()),
        "knn_accuracy": knn_accuracy(
            space.in_voting_units(gallery.codes[train]),
            gallery.labels[train],
            space.in_voting_units(mu),
            data.labels[data.split == TEST],
            space.voters,
        ),
        "voters": space.voters,
        "encoder_parameters": sum(p.numel() for p in network.encoder.parameters()),
        "encoder_macs": multiply_adds(network.encoder, space.image_shape),
        "decoder_parameters": sum(p.numel() for p in network.decoder.parameters()),
        "decoder_macs": multiply_adds(network.decoder, (space.latent_dim,)),
        "maps": space.maps_info,
    }
    if logvar is not None:
        kl = kl_divergence(mu, logvar)
        noise = np.random.default_rng(seed).standard_normal(mu.shape, np.float32)
        sampled = space.decode(mu + np.exp(0.5 * logvar) * noise)
        scale = posterior_scale(mu, logvar)
        figures |= {
            "beta": space.config["recipe"]["beta"],
            "kl": float(kl.mean()),
            "elbo": float((bernoulli_log_likelihood(x, sampled) - kl).mean()),
            "posterior_scale": [round(float(s), 3) for s in scale[mu.var(axis=0) > ACTIVE]],
        }
    return figures


def evaluate_ways(space: LatentSpace, seed: int = 0, *, recognise: bool = True) -> dict[str, float]:
    """How smoothly the decoder moves, and whether digits lie half-way between digits.

    Straight ways of 33 steps between 1,000 random pairs of test images.

    Returns:
        "step_change": mean absolute change of a pixel from one step to the next;
        "largest_step_change": that of the largest step of a way, mean over the ways;
        "midpoints_recognised", if it is to recognise digits: share of the decoded midpoints
        that the digit classifier gives a probability of at least 0.9.
    """
    rng = np.random.default_rng(seed)
    test = np.flatnonzero(space.gallery.split == TEST)
    pairs = space.gallery.codes[rng.choice(test, (WAYS, 2))]  # (1000, 2, latent_dim)
    changes, middles = [], []
    for a, b in pairs:
        images = space.decode(space.walk(a, b, WAY_STEPS))
        changes.append(np.abs(np.diff(images, axis=0)).mean(axis=(1, 2, 3)))
        middles.append(images[WAY_STEPS // 2])
    figures = {
        "step_change": float(np.mean(changes)),
        "largest_step_change": float(np.max(changes, axis=1).mean()),
    }
    if recognise:
        from latent.classifier import load_classifier

        sure = load_classifier().probabilities(np.stack(middles)).max(axis=1)
        figures["midpoints_recognised"] = float((sure >= SURE).mean())
    return figures


def evaluate_draws(space: LatentSpace, seed: int = 0) -> dict[str, float]:
    """How much decoded images look like test images to the digit classifier.

    Returns:
        "classifier_frechet_reconstructions": of the redrawn test images, and for a vae
        "classifier_frechet_prior": of 10,000 draws from the prior. Both are Fréchet
        distances between features of `mnist-classifier`, not Inception FID.
    """
    from latent.classifier import load_classifier

    classifier, gallery = load_classifier(), space.gallery
    redrawn = space.decode(gallery.codes[gallery.split == TEST])
    figures = {"classifier_frechet_reconstructions": classifier.frechet_distance(redrawn)}
    if space.config["kind"] == "vae":
        noise = np.random.default_rng(seed).standard_normal((DRAWS, space.latent_dim), np.float32)
        drawn = classifier.frechet_distance(space.decode(noise))
        figures["classifier_frechet_prior"] = drawn
    return figures


def pictures(
    space: LatentSpace, originals: Dataset | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """What the figures look like.

    Args:
        space: the model.
        originals: its data set, where its images may be shown.
        seed: of the ends of the ways.

    Returns:
        "reconstructions": ten test images, the first ones of each class, as the model
        redraws them, below the originals where they may be shown; "ways": straight ways of
        9 steps between images drawn at random from the test split, from each class to the
        next one, or ten from the first of two classes to the other. Each (H, W[, C]),
        uint8, three times its size.
    """
    rng = np.random.default_rng(seed)
    gallery, n_classes = space.gallery, len(space.class_names)
    test = gallery.split == TEST
    of_class = [np.flatnonzero(test & (gallery.labels == c)) for c in range(n_classes)]
    of_class = [members for members in of_class if len(members)]
    each = max(1, SHOWN // len(of_class))
    firsts = np.concatenate([members[:each] for members in of_class])
    if len(of_class) == 2:
        starts, ends = (gallery.codes[rng.choice(members, SHOWN)] for members in of_class)
    else:
        starts = gallery.codes[[rng.choice(members) for members in of_class]]
        ends = np.roll(starts, -1, axis=0)
    ways = [strip(space.decode(space.walk(a, b, 9))) for a, b in zip(starts, ends, strict=True)]
    redrawn = [strip(space.decode(gallery.codes[firsts]))]
    if originals is not None:
        redrawn.insert(0, strip(originals.only(firsts).x()))
    small = {"reconstructions": stack(redrawn), "ways": stack(ways)}
    return {title: pixels.repeat(3, axis=0).repeat(3, axis=1) for title, pixels in small.items()}


def evaluate_pca(
    data: Dataset, sizes: tuple[int, ...], voters: int = VOTERS, seed: int = 0
) -> list[dict[str, Any]]:
    """The yardstick: PCA of the pixels, fitted on the training split.

    It holds the training images once, as float32. Where they have many pixels scikit-learn
    takes the randomised solver.

    Args:
        data: the data set.
        sizes: numbers of components, at most that of the training images.
        voters: nearest codes that vote for a label.
        seed: of the randomised solver.

    Returns:
        For each size "components", "test_mse" (a pixel) and "knn_accuracy".

    Source: Halko, Martinsson and Tropp 2011, arXiv:0909.4061, for the randomised solver.
    """
    from sklearn.decomposition import PCA

    train, test = (data.x(split).reshape(-1, data.images[0].size) for split in (TRAIN, TEST))
    labels, expected = data.labels[data.split == TRAIN], data.labels[data.split == TEST]
    mean = train.mean(axis=0, dtype=np.float64).astype(np.float32)
    train -= mean
    test -= mean
    pca = PCA(max(sizes), copy=False, random_state=seed)
    codes = pca.fit_transform(train)  # which may overwrite them
    queries = test @ pca.components_.T
    del train
    rows = []
    for size in sizes:
        left = queries[:, :size] @ pca.components_[:size]
        left -= test
        accuracy = knn_accuracy(codes[:, :size], labels, queries[:, :size], expected, voters)
        mse = float(np.square(left, out=left).mean(dtype=np.float64))
        rows.append({"components": size, "test_mse": mse, "knn_accuracy": accuracy})
    return rows
