"""Training: resumed is uninterrupted, and every term of the loss is a closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from latent import InputError, checkpoints, training
from latent.data import TRAIN
from latent.lessons import Lesson
from latent.outsiders import no_digits_and_bars
from latent.recipes import ARCHITECTURES, Recipe
from latent.training import learning_rate, loss, sway
from tests.conftest import tiny_architecture

RECIPE = Recipe("t", "vae", 3, "cross_entropy", beta=0.5, epochs=3, batch=50, augmented=0.5, seed=4)


class Killed(BaseException):
    """A run that ends as by a signal: nothing catches it."""


@pytest.fixture
def x(tiny_data) -> np.ndarray:
    return tiny_data.x(TRAIN)


@pytest.fixture(params=["tiny", "real"])
def _network(request, monkeypatch):
    """The layers that are trained; the real ones have 4-D weights in another memory layout."""
    if request.param == "tiny":
        monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)


def quick(x: np.ndarray, checkpoint: Path, recipe: Recipe = RECIPE):
    return training.train(recipe, x, checkpoint, progress=False)


def assert_same_weights(a: torch.nn.Module, b: torch.nn.Module) -> None:
    for (name, one), other in zip(a.state_dict().items(), b.state_dict().values(), strict=True):
        assert torch.equal(one, other), name


def killed_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> Callable[[], None]:
    """Kill the run in the loss of that step; call what is returned to end that."""
    count = iter(range(steps))

    def counted(*args: object, **options: object):
        if next(count, None) is None:
            raise Killed
        return loss(*args, **options)

    monkeypatch.setattr(training, "loss", counted)
    return lambda: monkeypatch.setattr(training, "loss", loss)


@pytest.mark.usefixtures("_network")
def test_a_run_that_was_killed_and_resumed_gives_the_weights_of_one_that_was_not(
    x, tmp_path, monkeypatch
):
    whole = quick(x, tmp_path / "whole.safetensors")
    revive = killed_after(monkeypatch, steps=6)  # of 4 an epoch: in the middle of the second
    with pytest.raises(Killed):
        quick(x, tmp_path / "killed.safetensors")
    revive()
    assert_same_weights(quick(x, tmp_path / "killed.safetensors"), whole)


def test_a_run_killed_while_it_writes_its_checkpoint_resumes_from_the_one_before(
    x, tmp_path, monkeypatch
):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    whole = quick(x, tmp_path / "whole.safetensors")
    save = checkpoints.save_file

    def cut_off(tensors: object, path: Path, metadata: dict[str, str]) -> None:
        if metadata["epoch"] == "2":
            path.write_bytes(b"half")
            raise Killed
        save(tensors, path, metadata)

    monkeypatch.setattr(checkpoints, "save_file", cut_off)
    with pytest.raises(Killed):
        quick(x, tmp_path / "killed.safetensors")
    assert {path.name for path in tmp_path.iterdir()} == {"whole.safetensors", "killed.safetensors"}
    monkeypatch.setattr(checkpoints, "save_file", save)
    assert_same_weights(quick(x, tmp_path / "killed.safetensors"), whole)


def test_a_finished_run_is_not_trained_further(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    whole = quick(x, tmp_path / "a.safetensors")
    before = (tmp_path / "a.safetensors").read_bytes()
    assert_same_weights(quick(x, tmp_path / "a.safetensors"), whole)
    assert (tmp_path / "a.safetensors").read_bytes() == before


def test_the_same_recipe_gives_the_same_weights_and_another_seed_others(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    torch.manual_seed(123)  # somebody else's seed has no say
    one = quick(x, tmp_path / "1.safetensors")
    torch.manual_seed(321)
    state = torch.random.get_rng_state()
    assert_same_weights(one, quick(x, tmp_path / "2.safetensors"))
    assert torch.equal(torch.random.get_rng_state(), state)
    other = quick(x, tmp_path / "3.safetensors", replace(RECIPE, seed=5))
    assert not torch.equal(one.encoder[0].weight, other.encoder[0].weight)


@pytest.mark.parametrize("kind", ["ae", "vae"])
def test_training_lowers_the_loss(x, tmp_path, monkeypatch, kind):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    # weights are averaged over 500 steps or so: here over 10
    average = training.get_ema_multi_avg_fn
    monkeypatch.setattr(training, "get_ema_multi_avg_fn", lambda _: average(0.9))
    recipe = replace(RECIPE, kind=kind, beta=0.0, epochs=60, learning_rate=1e-2, augmented=0.0)
    network = quick(x, tmp_path / "a.safetensors", recipe)
    error = np.square(network.decode(network.encode(x)[0]) - x).mean()
    assert error < 0.7 * np.square(x.mean(0) - x).mean()
    assert not network.training


def test_a_checkpoint_of_another_recipe_is_refused(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    quick(x, tmp_path / "a.safetensors", replace(RECIPE, epochs=1))
    with pytest.raises(
        InputError, match="a.safetensors is of another recipe. Remove it to start af"
    ):
        quick(x, tmp_path / "a.safetensors")


@pytest.mark.parametrize("content", ["empty", "text", "half", "a bundle's weights"])
def test_a_damaged_checkpoint_is_refused(x, tmp_path, monkeypatch, tiny_folder, content):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    path = tmp_path / "a.safetensors"
    quick(x, path, replace(RECIPE, epochs=1))
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "text": b"hello, hello, hello",
            "half": whole[: len(whole) // 2],
            "a bundle's weights": (tiny_folder / "weights.safetensors").read_bytes(),
        }[content]
    )
    with pytest.raises(InputError, match="a.safetensors is damaged. Remove it to start afresh"):
        quick(x, path, replace(RECIPE, epochs=1))


def test_the_learning_rate_rises_to_its_highest_and_falls_to_a_thousandth():
    assert learning_rate(2.0, 0) == pytest.approx(0.1)
    assert learning_rate(2.0, 0.05) == pytest.approx(2 * (0.05 + 1) / 2)
    assert learning_rate(2.0, 0.1) == pytest.approx(2)
    assert learning_rate(2.0, 0.1 - 1e-9) == pytest.approx(2)
    assert learning_rate(2.0, 0.55) == pytest.approx(2 * (1 + 0.001) / 2)
    assert learning_rate(2.0, 1) == pytest.approx(0.002)


@pytest.fixture
def batch(x) -> torch.Tensor:
    return torch.from_numpy(x[:20])


def seeded(kind: str):
    from latent.autoencoder import Autoencoder

    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Autoencoder(tiny_architecture(kind, 3))


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_squared_error_of_an_ae_is_summed_over_pixels_and_averaged_over_images(batch):
    network = seeded("ae")
    terms = loss(network, batch, replace(RECIPE, loss="squared_error"), noise(), ramp=1)
    x_hat = network.decode(network.encode(batch.numpy())[0])
    squared = np.square(x_hat - batch.numpy())
    assert terms["loss"].item() == pytest.approx(squared.sum((1, 2, 3)).mean(), rel=1e-4)
    assert terms["mse"].item() == pytest.approx(squared.mean(), rel=1e-4)
    assert terms["kl"].item() == 0


def test_the_loss_of_a_vae_at_beta_1_is_the_negative_elbo(batch):
    network = seeded("vae")
    terms = loss(network, batch, replace(RECIPE, beta=1.0), noise(), ramp=1)
    with torch.no_grad():
        mu, logvar = network.posterior(batch)
        posterior = Normal(mu, torch.exp(logvar / 2))
        z = mu + posterior.scale * torch.randn(mu.shape, generator=noise())
        likely = Bernoulli(logits=network.logits(z), validate_args=False)  # pixels may be grey
        log_likelihood = likely.log_prob(batch).sum((1, 2, 3))
        kl = kl_divergence(posterior, Normal(0, 1)).sum(1)
    assert terms["kl"].item() == pytest.approx(kl.mean().item(), rel=1e-4)
    assert terms["loss"].item() == pytest.approx((kl - log_likelihood).mean().item(), rel=1e-5)


@pytest.mark.parametrize(("beta", "ramp"), [(0.0, 1.0), (2.0, 0.1), (3.0, 1.0)])
def test_beta_and_its_ramp_weigh_the_kl(batch, beta, ramp):
    network = seeded("vae")
    terms = loss(network, batch, replace(RECIPE, beta=beta), noise(), ramp=ramp)
    plain = loss(network, batch, replace(RECIPE, beta=0.0), noise(), ramp=1)
    expected = plain["loss"] + ramp * beta * terms["kl"]
    assert terms["loss"].item() == pytest.approx(expected.item(), rel=1e-6)


def test_gradients_reach_every_weight(batch):
    network = seeded("vae")
    loss(network, batch, RECIPE, noise(), ramp=1)["loss"].backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_the_encoder_sees_the_changed_image_and_the_decoder_draws_the_one_before(batch):
    network = seeded("ae")
    seen = (batch + 0.3).clamp(max=1)
    recipe = replace(RECIPE, loss="squared_error")
    terms = loss(network, batch, recipe, noise(), ramp=1, seen=seen)
    x_hat = network.decode(network.encode(seen.numpy())[0])
    assert terms["mse"].item() == pytest.approx(np.square(x_hat - batch.numpy()).mean(), rel=1e-4)


def test_what_a_lesson_asks_is_added_to_the_loss(batch):
    network = seeded("ae")
    plain = loss(network, batch, RECIPE, noise(), ramp=1)
    told = loss(network, batch, RECIPE, noise(), ramp=1, lesson=lambda mu: mu.square().sum())
    codes = network.encode(batch.numpy())[0]
    assert told["lesson"].item() == pytest.approx(np.square(codes).sum(), rel=1e-4)
    assert (told["loss"] - plain["loss"]).item() == pytest.approx(told["lesson"].item(), rel=1e-3)


def test_strange_pictures_cost_what_the_encoder_is_sure_of_them(batch):
    network = seeded("vae")
    recipe = replace(RECIPE, unsure=3.0)
    strange = batch[:7].flip(2)
    plain = loss(network, batch, recipe, noise(), ramp=1)
    taught = loss(network, batch, recipe, noise(), ramp=1, strange=strange)
    expected = np.square(network.encode(strange.numpy())[1]).mean()
    assert taught["sure"].item() == pytest.approx(expected, rel=1e-4)
    assert (taught["loss"] - plain["loss"]).item() == pytest.approx(3 * expected, rel=1e-3)
    assert plain["sure"].item() == 0


def test_a_quarter_as_many_pictures_without_a_digit_teach_what_to_be_unsure_of(
    x, tmp_path, monkeypatch
):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    average = training.get_ema_multi_avg_fn
    monkeypatch.setattr(training, "get_ema_multi_avg_fn", lambda _: average(0.8))
    counts = []

    def counted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        counts.append(len(images))
        return no_digits_and_bars(images, generator)

    monkeypatch.setattr(training, "no_digits_and_bars", counted)
    unseen = no_digits_and_bars(torch.from_numpy(x[:80]), noise(99)).numpy()
    deviation = []
    for weight in (0.0, 50.0):
        recipe = replace(RECIPE, epochs=20, learning_rate=1e-2, unsure=weight)
        network = training.train(recipe, x, tmp_path / f"{weight}", progress=False)
        deviation.append(np.exp(network.encode(unseen)[1] / 2).mean())
    assert counts == [12] * 80  # of 50 images a step, and none where the weight is 0
    assert deviation[0] < 0.8 * deviation[1]
    assert deviation[1] == pytest.approx(1, abs=0.2)


def test_a_lesson_moves_the_codes_where_it_says_and_leaves_no_trace_in_the_model(
    x, tmp_path, monkeypatch
):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    average = training.get_ema_multi_avg_fn
    monkeypatch.setattr(training, "get_ema_multi_avg_fn", lambda _: average(0.9))
    places = np.random.default_rng(0).permutation(np.linspace(-1, 1, len(x)))
    targets = torch.from_numpy(np.stack([places, -places, 0 * places], 1).astype(np.float32))
    recipe = replace(RECIPE, kind="ae", beta=0.0, epochs=40, learning_rate=1e-2, augmented=0.0)
    apart = {}
    for weight in (0.0, 1e4):
        lesson = Lesson(targets, weight, fades=np.inf, direct=True)
        network = training.train(recipe, x, tmp_path / f"{weight}", lesson, progress=False)
        apart[weight] = np.square(network.encode(x)[0] - targets.numpy()).sum(1).mean()
        assert not hasattr(network, "head")
    assert apart[1e4] < 0.2 * apart[0.0]


@pytest.mark.parametrize("direct", [True, False])
def test_a_run_with_a_lesson_resumes_too(x, tmp_path, monkeypatch, direct):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    targets = torch.linspace(-1, 1, 3 * len(x)).reshape(-1, 3)
    lesson = Lesson(targets, 5.0, fades=0.5, direct=direct)
    whole = training.train(RECIPE, x, tmp_path / "whole", lesson, progress=False)
    revive = killed_after(monkeypatch, steps=6)
    with pytest.raises(Killed):
        training.train(RECIPE, x, tmp_path / "killed", lesson, progress=False)
    revive()
    assert_same_weights(
        training.train(RECIPE, x, tmp_path / "killed", lesson, progress=False), whole
    )


def test_what_sways_with_colours_is_a_share_of_the_spread_without_the_numbers_for_colours():
    mu = torch.tensor([[0.0, 0.0, 5.0], [2.0, 4.0, 7.0], [1.0, -4.0, 0.0]])
    other = torch.tensor([[1.0, 0.0, -5.0], [2.0, 2.0, 70.0]])
    change = np.array([(1 + 0) / 2, (0 + 4) / 2])
    expected = (change / mu[:, :2].numpy().var(0, ddof=1)).mean()
    assert sway(mu, other, 1).item() == pytest.approx(expected, rel=1e-5)
    assert sway(mu, mu[:2], 0).item() == 0


def test_other_colours_are_seen_and_not_drawn(batch):
    network = seeded("vae")
    recipe = replace(RECIPE, recoloured=3.0, colour_numbers=1)
    plain = loss(network, batch, recipe, noise(), ramp=1)
    taught = loss(network, batch, recipe, noise(), ramp=1, other=1 - batch[:5])
    mu, other = (torch.from_numpy(network.encode(x.numpy())[0]) for x in (batch, 1 - batch[:5]))
    assert taught["colour"].item() == pytest.approx(sway(mu, other, 1).item(), rel=1e-4)
    for name in ("mse", "kl", "lesson"):
        assert taught[name].item() == pytest.approx(plain[name].item(), rel=1e-5)
    more = 3 * taught["colour"].item()
    assert (taught["loss"] - plain["loss"]).item() == pytest.approx(more, rel=1e-3)
    assert plain["colour"].item() == 0


def test_bytes_are_learned_from_like_numbers(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    pixels = np.rint(x * 255).astype(np.uint8)
    same = torch.from_numpy(pixels).float() / 255  # as they come back, to the last bit
    one = quick(pixels, tmp_path / "bytes", replace(RECIPE, epochs=1))
    assert_same_weights(one, quick(same.numpy(), tmp_path / "numbers", replace(RECIPE, epochs=1)))


@pytest.mark.parametrize("told", [False, True])
def test_a_run_begins_with_the_averaged_weights_of_the_one_before(x, tmp_path, monkeypatch, told):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    lesson = Lesson(torch.zeros(len(x), 2), 1.0, np.inf, direct=False) if told else None
    first = replace(RECIPE, name="first")
    done = training.train(first, x, tmp_path / "first", lesson, progress=False)

    def then(name: str, before: Path | None, highest: float) -> torch.nn.Module:
        recipe = replace(RECIPE, epochs=1, learning_rate=highest, before=first)
        return training.train(recipe, x, tmp_path / name, lesson, before=before, progress=False)

    # nothing is learned at a rate of 0
    assert_same_weights(then("still", tmp_path / "first", 0.0), done)
    on = then("on", tmp_path / "first", 2e-3)
    apart = [
        sum((p - q).square().sum() for p, q in zip(on.parameters(), m.parameters(), strict=True))
        for m in (done, then("alone", None, 2e-3))
    ]
    assert 0 < apart[0] < 0.5 * apart[1]
    assert_same_weights(then("on", None, 2e-3), on)  # resumed, it needs the one before no more


def test_a_run_does_not_begin_with_half_a_run(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    first = replace(RECIPE, name="first")
    revive = killed_after(monkeypatch, steps=6)
    with pytest.raises(Killed):
        quick(x, tmp_path / "first", first)
    revive()
    then = replace(RECIPE, before=first)
    with pytest.raises(InputError, match="first has not all of its epochs. Finish that run first"):
        training.train(then, x, tmp_path / "then", before=tmp_path / "first", progress=False)
    with pytest.raises(InputError, match="nothing has not all of its epochs"):
        training.train(then, x, tmp_path / "then", before=tmp_path / "nothing", progress=False)


def test_half_of_the_images_are_mirrored_and_told_so(x, tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "mnist", tiny_architecture)
    seen: list[torch.Tensor] = []
    told: list[torch.Tensor] = []

    def noted(model, drawn, recipe, noise, *, lesson, **options):
        seen.append(drawn.clone())
        return loss(model, drawn, recipe, noise, lesson=lesson, **options)

    class Noting(Lesson):
        def miss(self, said, indices, done, mirrored=None):
            told.append(torch.stack([indices, mirrored]))
            return super().miss(said, indices, done, mirrored)

    monkeypatch.setattr(training, "loss", noted)
    lesson = Noting(torch.zeros(len(x), 3), 1.0, fades=np.inf, direct=True)
    recipe = replace(RECIPE, mirrored=True, augmented=0.0, epochs=1)
    training.train(recipe, x, tmp_path / "run", lesson, progress=False)
    indices, mirrored = torch.cat(told, 1)
    of = torch.from_numpy(x)[indices]
    flipped = mirrored.bool()
    assert torch.equal(torch.cat(seen)[flipped], of[flipped].flip(3))
    assert torch.equal(torch.cat(seen)[~flipped], of[~flipped])
    assert 0.4 < flipped.float().mean() < 0.6


def test_a_normalised_run_ends_in_the_layers_of_its_architecture_and_resumes(
    x, tmp_path, monkeypatch
):
    convolved = replace(
        tiny_architecture("vae", 3),
        encoder=(("conv", 1, 4, 4, 2, 1), ("silu",), ("flatten",), ("linear", 4 * 14 * 14, 6)),
    )
    monkeypatch.setitem(ARCHITECTURES, "deep mnist", lambda *_: convolved)
    recipe = replace(RECIPE, normalised=True)
    whole = quick(x, tmp_path / "whole", recipe)
    assert [type(layer).__name__ for layer in whole.encoder] == [
        "Conv2d", "SiLU", "Flatten", "Linear",
    ]  # fmt: skip
    assert set(whole.state_dict()) == set(training.Autoencoder(convolved).state_dict())
    # each channel behind the convolution is of one scale, which weights at random do not give
    with torch.no_grad():
        channels = whole.encoder[0](torch.from_numpy(x)).transpose(0, 1).flatten(1)
    assert (channels.std(1) > 0.5).all()
    revive = killed_after(monkeypatch, steps=6)
    with pytest.raises(Killed):
        quick(x, tmp_path / "killed", recipe)
    revive()
    assert_same_weights(quick(x, tmp_path / "killed", recipe), whole)
