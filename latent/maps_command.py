"""Commands on maps: `project` writes into a bundle, `maps` lists and deletes made ones."""

from __future__ import annotations

import json
from typing import Any

import click

from latent.errors import InputError
from latent.place_command import json_option
from latent.space import load_space


@click.command()
@click.argument("model")
@click.option("--method", help="pca, tsne, umap, isomap, lda or latent; default all that a "
              "bundle ships.")  # fmt: skip
@click.option("--dims", type=int, help="2 or 3; default both.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--fit-on", type=int, help="Fit on that many random images, place the rest.")
@click.option("--perplexity", type=float, help="Of t-SNE; default 30.")
@click.option("--neighbours", type=int, help="Of UMAP and Isomap; default 15.")
@click.option("--min-dist", type=float, help="Of UMAP; default 0.1.")
@click.option("--metric", help="euclidean or cosine.")
@click.option("--labels", help="What LDA tells apart: label, or a cause such as kind.")
@json_option
def project(
    model: str,
    method: str | None,
    dims: int | None,
    seed: int,
    fit_on: int | None,
    perplexity: float | None,
    neighbours: int | None,
    min_dist: float | None,
    metric: str | None,
    labels: str | None,
    as_json: bool,
) -> None:
    """Fit maps of MODEL, measure them and write them into its bundle."""
    from latent.maps import add_map, shipped_maps
    from latent.plan import LABEL, read_plan
    from latent.projections import make_projection

    space = load_space(model)
    if method is None:
        wanted = [(m, d) for m, d in shipped_maps(space.latent_dim) if dims in (None, d)]
    else:
        wanted = [(method, d) for d in ([dims] if dims is not None else (2, 3))]
    if dims not in (None, 2, 3):
        raise InputError(f"A map has 2 or 3 dimensions; got {dims}.")
    if not wanted:
        raise InputError(f"{space.name} ships no map in {dims}-D; name a --method or leave --dims.")
    told = {"perplexity": perplexity, "n_neighbors": neighbours, "min_dist": min_dist,
            "metric": metric}  # fmt: skip
    parameters = {name: value for name, value in told.items() if value is not None}
    if (parameters or labels) and method is None:
        raise InputError("Parameters belong to one method; name a --method.")
    for name, size in wanted:  # complains before the first long fit, not after it
        make_projection(name, size, seed, parameters)
        if method is not None and dims is not None:
            read_plan({"method": name, "dims": size, "seed": seed, "sample": fit_on,
                       "parameters": parameters, "labels": labels or LABEL}, space)  # fmt: skip
    done: dict[str, Any] = {}
    for name, size in wanted:
        info = add_map(space, name, size, seed, fit_on, parameters, labels or LABEL)
        done[f"{name}{size}"] = info
        if not as_json:
            print(f"{name}{size}: {info['seconds']} s, fitted on {info['fitted_on']}, "
                  f"trustworthiness {info.get('trustworthiness')}")  # fmt: skip
    if as_json:
        print(json.dumps(done, ensure_ascii=False))


@click.command()
@click.argument("model")
@click.option("--delete", "key", help="Delete a made map by its key, or all made maps of MODEL.",
              metavar="KEY|all")  # fmt: skip
@click.option("--measure", is_flag=True, help="Measure the maps of the bundle again.")
@json_option
def maps(model: str, key: str | None, measure: bool, as_json: bool) -> None:
    """List the maps of MODEL: those in its bundle, and those made in the app on this machine.

    Made maps are kept in the cache (LATENT_CACHE, or the user's cache folder) until they are
    deleted here.
    """
    from latent.made import delete, finished
    from latent.maps import measure_maps

    space = load_space(model)
    if key is not None:
        gone = delete(space, None if key == "all" else key)
        print(json.dumps({"deleted": gone}) if as_json else
              f"{len(gone)} made {'map' if len(gone) == 1 else 'maps'} deleted")  # fmt: skip
        return
    infos = measure_maps(space) if measure else space.maps_info
    rows = [{"map": name, "made": False, **info} for name, info in infos.items()]
    rows += [{"map": made.key, "made": True, **made.info} for made in finished(space)]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        told = ", ".join(f"{name} {value}" for name, value in row["parameters"].items())
        print(f"{row['map']:32} {row['method']} {row['dims']}-D, seed {row['seed']}"
              f"{', ' * bool(told)}{told}; fitted on {row['fitted_on']}; "
              f"trustworthiness {row.get('trustworthiness')}")  # fmt: skip
    if not rows:
        print(f"{space.name} has no maps. Fit some: python -m latent project {space.name}")
