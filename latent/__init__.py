"""Latent Explorer's core: load an autoencoder, encode, decode, place and walk.

    from latent import load_space

    space = load_space("mnist-vae")

Importing it loads neither torch nor a map library: each arrives with its first use.
"""

from latent.errors import InputError
from latent.space import LatentSpace, load_space, model_names

__all__ = ["InputError", "LatentSpace", "load_space", "model_names"]
