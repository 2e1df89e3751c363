"""`enrol`, `recognise` and `compare`: what they print and leave, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from latent import comparison
from tests.conftest import digit_images, png


@pytest.fixture
def ask(run_latent):
    """Run a command."""
    return run_latent


@pytest.fixture
def digits(tmp_path: Path) -> list[Path]:
    """Three files of each of ten digits, in a folder for each, dark on light."""
    found = []
    for copy in range(3):
        for label, image in enumerate(digit_images(10, seed=20 + copy)[0]):
            file = tmp_path / str(label) / f"{copy}.png"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(png(255 - image))
            found.append(file)
    return found


def test_what_is_enrolled_is_recognised_and_kept(ask, digits: list[Path]) -> None:
    code, out, err = ask("enrol", "own.npz", "three", digits[3], digits[13], "--model", "mnist-vae",
                         "--json")  # fmt: skip
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "model": "mnist-vae", "names": {"three": 2},
        "files": [{"file": str(f), "ok": True} for f in (digits[3], digits[13])],
    }  # fmt: skip
    assert ask("enrol", "own.npz", "zero", "0")[0] == 0  # a folder
    code, out, _ = ask("recognise", "own.npz", digits[23], digits[20], "--only-shown",
                       "--false-rejects", 0.001, "--json")  # fmt: skip
    rows = json.loads(out)
    assert [row["nearest"] for row in rows] == ["three", "zero"]
    assert all(row["distance"] >= 0 and row["threshold"] > 0 for row in rows)


def test_bad_images_are_said_and_the_good_ones_go_on(ask, digits: list[Path]) -> None:
    Path("bad.png").write_bytes(b"no image")
    code, out, _ = ask("enrol", "own.npz", "one", "bad.png", digits[1], digits[1], "--model",
                       "mnist-ae", "--json")  # fmt: skip
    assert code == 0
    found = json.loads(out)
    assert found["names"] == {"one": 1}
    assert [row["ok"] for row in found["files"]] == [False, True, False]
    assert "enrolled as 'one' already" in found["files"][2]["error"]
    code, out, err = ask("recognise", "own.npz", "bad.png")
    assert (code, err.count("\n")) == (2, 1)
    assert "None of these images could be read" in err


def test_a_stranger_is_called_one(ask, digits: list[Path]) -> None:
    ask("enrol", "own.npz", "one", digits[1], "--model", "mnist-ae")
    code, out, _ = ask("recognise", "own.npz", digits[0], "--only-shown", "--false-rejects", 0.5)
    assert code == 0
    assert out.strip().endswith("a stranger, least unlike one")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("recognise", "none.npz", "a.png"), "not there. Make it: python -m latent enrol none.npz"),
        (("enrol", "own.txt", "one", "a.png"), "ends in .npz; got 'own.txt'"),
        (("enrol", "own.npz", "one", "a.png", "--model", "gan"), "Unknown model 'gan'"),
        (("enrol", "own.npz", "one", "a.png", "--model", "mnist-ae"), "None of these images"),
        (("compare", "gan"), "Unknown model 'gan'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(ask, tiny_mnist, words, said) -> None:
    code, _, err = ask(*words)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err


def test_a_file_of_names_says_when_its_model_is_not_at_hand(ask, digits, monkeypatch) -> None:
    ask("enrol", "own.npz", "one", digits[1], "--model", "mnist-ae")
    _, _, err = ask("enrol", "own.npz", "two", digits[2], "--model", "mnist-vae")
    assert "own.npz was made with mnist-ae" in err
    monkeypatch.setattr("latent.recognise_command.encoder_names", lambda: ["mnist-vae"])
    _, _, err = ask("recognise", "own.npz", digits[1])
    assert "made with a model that is not at hand; there are: mnist-vae" in err


def test_what_ships_is_printed_without_any_data_and_for_models_of_ones_own_too(ask) -> None:
    code, out, _ = ask("compare", "--shipped")
    assert code == 0
    assert "| Pixels | 784 |" in out


def test_compare_prints_a_table_and_leaves_what_the_page_shows(
    ask, tiny_mnist, monkeypatch, tmp_path
) -> None:
    few = comparison.PLAIN[:3]
    monkeypatch.setattr(comparison, "PLAIN", few)
    monkeypatch.setattr(comparison, "HIDDEN", few[0])
    monkeypatch.setattr(comparison, "_layers", lambda model, layers: [])
    code, out, err = ask("compare", "mnist-ae", "--out", "found")
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == 2 + 5
    assert lines[-1].startswith("| Code of mnist-ae, 4 | 4 |")
    assert "Pixels" in err
    document, arrays = comparison.read(tmp_path / "found")
    assert document["models"] == ["mnist-ae"]
    assert arrays["mnist-ae.drawn"].shape == (10, 28, 28)
    assert "pixels.drawn" not in arrays  # MNIST's own images do not ship
    code, out, _ = ask("compare", "mnist-ae", "--json")
    assert [row["rung"] for row in json.loads(out)["rungs"]][-1] == "mnist-ae"
