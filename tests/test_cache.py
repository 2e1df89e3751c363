"""Where results are kept, and under which name."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from latent.cache import cache_folder, fingerprint


def test_the_cache_is_where_it_is_named_and_else_among_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("LATENT_CACHE")
    assert cache_folder().name == "latent-explorer"
    assert not cache_folder().is_relative_to(Path(__file__).parents[1])


def test_a_fingerprint_depends_on_every_input_and_on_nothing_else():
    codes = np.arange(6, dtype=np.float32).reshape(2, 3)
    same = fingerprint(codes, "umap", 15)
    assert same == fingerprint(codes.copy(), "umap", 15)
    others = [
        fingerprint(codes.reshape(3, 2), "umap", 15),
        fingerprint(codes.astype(np.float64), "umap", 15),
        fingerprint(codes + 1, "umap", 15),
        fingerprint(codes, "tsne", 15),
        fingerprint(codes, "umap", 16),
        fingerprint(codes, "umap", None),
        fingerprint(codes, "umap1", 5),
    ]
    assert len({same, *others}) == len(others) + 1
    assert len(same) == 32
    int(same, 16)


def test_an_array_counts_by_its_numbers_wherever_they_lie():
    codes = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert fingerprint(codes[:, ::2]) == fingerprint(codes[:, ::2].copy())
