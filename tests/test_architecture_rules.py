"""Rules of the whole project that no single file shows, read off the syntax tree."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("latent", "ui", "pages")  # each may import those before it
LIBRARIES = {"torch", "torchvision", "sklearn", "umap", "openTSNE", "embreex"}
# modules that are themselves imported only where a network is trained or run
OF_TORCH = {
    "autoencoder", "recipes", "augmentation", "lessons", "training", "checkpoints", "export",
    "classifier", "contrast", "designs", "normalising", "outsiders", "speed", "tangents",
}  # fmt: skip
FILES = [
    ROOT / "app.py",
    *(path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))),
]
SOURCES = [path for path in FILES if path.exists()]


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names of the modules that a tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports would hide from these rules"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_at_once(tree: ast.AST) -> Iterator[str]:
    """Names that importing the module imports: not those in functions or for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imported_at_once(node)


def first(name: str) -> str:
    return name.partition(".")[0]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_imports_run_one_way(path):
    if layer_of(path) in LAYERS:
        allowed = LAYERS[: LAYERS.index(layer_of(path)) + 1]
        if layer_of(path) == "pages":
            allowed = ("latent", "ui")  # and no page imports another
        used = {first(name) for name in imported(parse(path))} & {*LAYERS, "app", "tests"}
        assert used <= set(allowed)


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_the_core_knows_no_streamlit_and_the_pages_no_torch(path):
    used = {first(name) for name in imported(parse(path))}
    forbidden = {"streamlit", "plotly"} if layer_of(path) == "latent" else {"torch", "torchvision"}
    assert not used & forbidden


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_heavy_libraries_are_imported_where_they_are_first_used(path):
    at_once = {first(name) for name in imported_at_once(parse(path))} & LIBRARIES
    allowed = {"torch"} if layer_of(path) == "latent" and path.stem in OF_TORCH else set()
    assert at_once <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_modules_of_torch_are_imported_where_they_are_first_used(path):
    if layer_of(path) == "latent" and path.stem in OF_TORCH:
        return
    at_once = set(imported_at_once(parse(path)))
    assert not at_once & {f"latent.{module}" for module in OF_TORCH}


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_nothing_is_pickled(path):
    tree = parse(path)
    pickling = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    assert not {first(name) for name in imported(tree)} & pickling
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            options = {option.arg: option.value for option in node.keywords}
            assert called not in ("torch.load", "torch.save", "pandas.read_pickle"), node.lineno
            pickles = options.get("allow_pickle")
            if called in ("np.load", "numpy.load"):
                assert pickles is not None, f"line {node.lineno}: say allow_pickle=False"
            assert pickles is None or ast.unparse(pickles) == "False", node.lineno
            assert not {"persist", "hash_funcs"} & set(options), node.lineno  # pickles on disk


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_nobody_seeds_globally(path):
    """`latent.training` and `latent.classifier` seed torch inside `fork_rng`, and undo it."""
    tree = parse(path)
    forked = {
        call
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and "fork_rng" in ast.unparse(node.items[0])
        for call in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in forked:
            called = ast.unparse(node.func)
            assert called not in ("np.random.seed", "random.seed", "torch.manual_seed"), node.lineno


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_no_function_takes_keywords_that_it_does_not_name(path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            assert node.args.kwarg is None, node.lineno


def test_the_rules_see_the_files():
    stems = {path.stem for path in SOURCES if layer_of(path) == "latent"}
    assert OF_TORCH | {"space", "bundle", "__main__"} <= stems


def test_the_rules_see_a_breach():
    tree = ast.parse(
        "if slow:\n    import torch.nn\nclass C:\n    def f(self):\n        from umap import UMAP\n"
    )
    assert set(imported(tree)) == {"torch.nn", "umap", "umap.UMAP"}
    assert set(imported_at_once(tree)) == {"torch.nn"}


def test_importing_the_core_loads_no_heavy_library():
    paths = [path for path in SOURCES if layer_of(path) == "latent"]
    light = sorted(
        ".".join(path.relative_to(ROOT / "latent").with_suffix("").parts)
        for path in paths
        if path.stem not in OF_TORCH | {"__init__", "__main__"}
    )
    code = "import sys, latent, latent.__main__\n"
    code += "".join(f"import latent.{module}\n" for module in light)
    code += f"print(sorted({LIBRARIES | {'streamlit', 'pandas', 'scipy'}} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout == "[]\n"
