"""Derivatives of a decoder against finite differences and against torch's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from latent import LatentSpace
from latent.tangents import decode_with_tangents


@pytest.mark.parametrize("name", ["tiny_space", "plane_space"])
def test_images_are_those_of_the_decoder_and_tangents_those_of_torch(
    name: str, request: pytest.FixtureRequest
) -> None:
    space: LatentSpace = request.getfixturevalue(name)
    codes = space.gallery.codes[:5]
    images, tangents = decode_with_tangents(space.autoencoder, codes)
    assert np.abs(images - space.decode(codes).reshape(5, -1)).max() < 1e-6
    for code, tangent in zip(codes, tangents, strict=True):
        expected = torch.autograd.functional.jacobian(
            lambda z: space.autoencoder.decoder(z[None]).flatten(), torch.from_numpy(code)
        )
        assert np.abs(tangent.T - expected.numpy()).max() < 1e-5
