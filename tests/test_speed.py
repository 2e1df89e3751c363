"""What makes training faster, and changes nothing else."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest
import torch

from latent import speed


def test_memory_is_kept_where_the_system_has_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Library:
        def __init__(self, name: str | None) -> None:
            assert name is None

        def mallopt(self, name: int, value: int) -> int:
            asked.append((name, value))
            return 1

    # asked in a process of its own, for other tests measure the memory of this one
    code = "from latent.speed import keep_memory; print(keep_memory())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(hasattr(ctypes.CDLL(None), "mallopt"))
    monkeypatch.setattr(ctypes, "CDLL", Library)
    assert speed.keep_memory()
    assert asked == [(-4, 0), (-1, -1), (-2, 1 << 29)]


def test_a_system_without_the_choice_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not speed.keep_memory()


@pytest.mark.parametrize(
    ("able", "bits"), [({}, 32), ({"avx512_bf16": True}, 16), ({"amx_bf16": True}, 16)]
)
def test_a_network_runs_in_16_bits_only_where_the_processor_has_them(
    able: dict[str, bool], bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    with speed.quick():
        given = torch.nn.Linear(3, 2)(torch.ones(1, 3))
    assert given.dtype == (torch.bfloat16 if bits == 16 else torch.float32)
