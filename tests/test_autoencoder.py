"""The network: shapes, ranges, and figures against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from latent.autoencoder import BATCH, LAYERS, Architecture, Autoencoder, build, multiply_adds
from latent.metrics import kl_divergence, posterior_scale
from latent.recipes import RECIPES, architecture
from tests.conftest import tiny_architecture

RNG = np.random.default_rng(0)


def seeded(kind: str, latent_dim: int = 4) -> Autoencoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Autoencoder(tiny_architecture(kind, latent_dim)).eval()


def some_images(count: int) -> np.ndarray:
    return RNG.random((count, 1, 28, 28), np.float32)


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_encode_gives_a_code_an_image_and_decode_an_image_a_code(kind):
    network = seeded(kind)
    mu, logvar = network.encode(some_images(3))
    assert mu.shape == (3, 4)
    assert mu.dtype == np.float32
    assert (logvar is None) == (kind == "ae")
    x_hat = network.decode(mu)
    assert x_hat.shape == (3, 1, 28, 28)
    assert x_hat.dtype == np.float32
    assert x_hat.min() >= 0
    assert x_hat.max() <= 1


def test_the_encoder_of_a_vae_gives_mu_and_logvar_side_by_side():
    network, x = seeded("vae"), some_images(3)
    mu, logvar = network.encode(x)
    with torch.no_grad():
        both = network.encoder(torch.from_numpy(x)).numpy()
    np.testing.assert_array_equal(np.hstack([mu, logvar]), both)


def test_a_code_does_not_depend_on_the_batch_it_is_computed_in():
    network, x = seeded("vae"), some_images(BATCH + 3)
    mu, _ = network.encode(x)
    np.testing.assert_allclose(mu[-1:], network.encode(x[-1:])[0], atol=1e-5)
    np.testing.assert_allclose(network.decode(mu)[-1:], network.decode(mu[-1:]), atol=1e-5)


def test_no_images_give_no_codes():
    network = seeded("ae")
    assert network.encode(some_images(0))[0].shape == (0, 4)
    assert network.decode(np.empty((0, 4), np.float32)).shape == (0, 1, 28, 28)


def test_decode_is_the_sigmoid_of_logits():
    network, z = seeded("ae"), RNG.standard_normal((2, 4), np.float32)
    with torch.no_grad():
        logits = network.logits(torch.from_numpy(z)).numpy()
    np.testing.assert_allclose(network.decode(z), 1 / (1 + np.exp(-logits)), atol=1e-6)


def test_numpy_in_other_layouts_and_precisions_is_taken():
    network, x = seeded("ae"), some_images(4)
    expected = network.encode(x)[0]
    np.testing.assert_array_equal(network.encode(x.astype(np.float64))[0], expected)
    np.testing.assert_array_equal(network.encode(x[::-1])[0][::-1], expected)


def test_a_wild_logvar_is_held_where_exp_is_finite():
    network = seeded("vae")
    with torch.no_grad():
        network.encoder[-1].bias[4:] = 1000
        network.encoder[-1].bias[:4] = 1000
    mu, logvar = network.encode(some_images(2))
    np.testing.assert_array_equal(logvar, 6)
    assert (mu > 900).all()


def test_standardize_scales_codes_to_the_prior_and_decodes_as_before():
    network, x = seeded("vae"), some_images(50)
    with torch.no_grad():
        network.encoder[-1].weight *= 20
        network.encoder[-1].bias[:4] = torch.tensor([3.0, -1.0, 0.5, 8.0])
    mu, logvar = network.encode(x)
    decoded = network.decode(mu)
    network.standardize(mu, logvar)
    new_mu, new_logvar = network.encode(x)
    np.testing.assert_allclose(posterior_scale(new_mu, new_logvar), 1, rtol=1e-4)
    np.testing.assert_allclose(new_mu.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(network.decode(new_mu), decoded, atol=1e-5)
    # noise of the posterior shrinks with the codes: a sample is decoded as before too
    scale = (mu.std(0) / new_mu.std(0))[None]
    np.testing.assert_allclose(np.exp(new_logvar / 2) * scale, np.exp(logvar / 2), rtol=1e-3)
    assert kl_divergence(new_mu, new_logvar).mean() < kl_divergence(mu, logvar).mean()


def test_an_architecture_survives_json():
    import json

    architecture = tiny_architecture("vae", 4)
    config = {
        "kind": "vae",
        "image_shape": architecture.image_shape,
        "latent_dim": 4,
        "architecture": {"encoder": architecture.encoder, "decoder": architecture.decoder},
    }
    assert Architecture.from_config(json.loads(json.dumps(config))) == architecture


def altered(**changes: object) -> Architecture:
    fields = {**vars(tiny_architecture("ae", 4)), **changes}
    return Architecture(**fields)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "vae"}, r"the encoder gives \(4,\), not 8 numbers"),
        ({"latent_dim": 5}, "the layers do not fit each other"),
        ({"image_shape": (1, 14, 14)}, "the layers do not fit each other"),
        ({"encoder": (("flatten",), ("linear", 784, 3))}, r"the encoder gives \(3,\), not 4"),
        (
            {"decoder": (("linear", 4, 9), ("unflatten", 1, 3, 3))},
            r"the decoder gives \(1, 3, 3\), not \(1, 28, 28\)",
        ),
    ],
)
def test_layers_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Autoencoder(altered(**changes))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([("lambda", 3)], "unknown layer 'lambda'; choose from: linear, conv"),
        ([("linear", 3)], r"layer 'linear' does not take \[3\]"),
        ([("linear", "a", "b")], r"layer 'linear' does not take \['a', 'b'\]"),
        ([("conv", -1, 2, 3)], "layer 'conv' does not take"),
        ([("relu", 1, 2, 3)], "layer 'relu' does not take"),
        ([()], "values to unpack"),
    ],
)
def test_layers_that_nobody_knows_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        build(layers)


@pytest.mark.parametrize("kind", LAYERS)
def test_every_layer_kind_is_an_autoencoder_s_business(kind):
    arguments = {
        "linear": (6, 2),
        "conv": (4, 2, 3, 1, 1),
        "conv_transpose": (4, 2, 2, 2, 0),
        "pixel_shuffle": (2,),
        "unflatten": (2, 3),
    }.get(kind, ())
    shape = {"linear": (6,), "unflatten": (6,)}.get(kind, (4, 6, 6))
    y = build([(kind, *arguments)])(torch.zeros(2, *shape))
    assert len(y) == 2
    assert torch.isfinite(y).all()


def naive_multiply_adds(layer: nn.Module, shape: tuple[int, ...]) -> int:
    """Put ones through a layer of ones: each output then counts its own multiplications."""
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        return int(layer(torch.ones(1, *shape)).sum())


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (("linear", 5, 3), (5,)),
        (("conv", 2, 3, 3, 1, 0), (2, 6, 6)),
        (("conv", 2, 3, 4, 2, 0), (2, 8, 8)),
        (("conv_transpose", 3, 2, 4, 2, 0), (3, 5, 5)),
    ],
)
def test_multiply_adds_of_a_layer_without_padding_are_counted_by_ones(layer, shape):
    network = build([layer])
    assert multiply_adds(network, shape) == naive_multiply_adds(network[0], shape)


def test_multiply_adds_of_a_network_are_those_of_its_layers():
    network = build([("linear", 4, 18), ("silu",), ("unflatten", 2, 3, 3), ("conv", 2, 5, 3, 1, 1)])
    assert multiply_adds(network, (4,)) == 4 * 18 + 5 * 9 * (2 * 3 * 3)


@pytest.mark.parametrize("name", RECIPES)
def test_the_real_decoders_are_small_enough_for_a_frame_in_the_browser(name):
    recipe = RECIPES[name]
    network = Autoencoder(architecture(recipe))
    # 0.7 multiply-adds a nanosecond and 12 ms a frame
    assert multiply_adds(network.decoder, (recipe.latent_dim,)) < 6e6
