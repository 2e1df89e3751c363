"""How far from real images is still believable."""

from __future__ import annotations

import numpy as np

from latent.data import TEST, TRAIN
from latent.gallery import Gallery
from latent.neighbours import nearest

SAMPLE = 256  # test codes: enough for percentiles, and a fifth of a second


def usual_distances(gallery: Gallery, sample: int = SAMPLE) -> np.ndarray:
    """Percentiles of how far real images, new to the model, lie from those it learned.

    A decoded code as far from the nearest gallery code as few test images are is one
    that the decoder was never asked to draw.

    Args:
        gallery: where a split is missing, every second code stands in for it.
        sample: test codes that are measured, evenly taken.

    Returns:
        0th to 100th percentile of the Euclidean distance from a test code to the nearest
        training code, shape (101,), float32, rising.
    """
    test, train = (np.flatnonzero(gallery.split == which) for which in (TEST, TRAIN))
    if len(test) == 0 or len(train) == 0:
        everyone = np.arange(len(gallery))
        test, train = everyone[::2], everyone[1::2] if len(gallery) > 1 else everyone
    taken = test[np.linspace(0, len(test) - 1, min(sample, len(test))).astype(int)]
    _, distances = nearest(gallery.codes[train], gallery.codes[taken], 1)
    return np.percentile(distances[:, 0], np.arange(101)).astype(np.float32)
