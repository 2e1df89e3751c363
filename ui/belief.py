"""Which of two maps to believe, and for what, in words. Pure functions of their measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from latent.quality import K, at_k

SAME = 0.005  # a difference that nobody would see
SAME_SHARE = 0.02  # the same of shares and of rank correlations
READABLE = 0.7  # rank correlation from which distances on a map are worth reading


@dataclass(frozen=True)
class Judged:
    """A map and what was measured of it.

    Args:
        title: as the page calls it, already safe as Markdown.
        dims: 2 or 3.
        quality: document of `latent.quality.measure`.
    """

    title: str
    dims: int
    quality: dict[str, Any]

    def figure(self, name: str, metric: str) -> float:
        """At k = 15, or the rank correlation."""
        if name == "rank_correlation":
            value: float = self.quality[metric][name]
            return value
        return at_k(self.quality, name, metric)


def verdict(a: Judged, b: Judged, metric: str) -> list[str]:
    """Sentences in Markdown: the main one first, then one for each question."""
    kept = _compared(a, b, "kept", metric, SAME_SHARE)
    found = [_summary(a, b, metric)]
    found.append(
        f"**Who is next to whom?** Of an image's {K} nearest codes, {a.title} shows "
        f"{a.figure('kept', metric):.0%} among its {K} nearest dots and {b.title} "
        f"{b.figure('kept', metric):.0%}. {_better(kept, 'keeps more of a neighbourhood')}"
    )
    strangers = _compared(a, b, "trustworthiness", metric, SAME)
    found.append(
        "**Are strangers shown side by side?** Trustworthiness "
        f"{a.figure('trustworthiness', metric):.3f} against "
        f"{b.figure('trustworthiness', metric):.3f}. "
        f"{_better(strangers, 'draws fewer false neighbours')}"
    )
    torn = _compared(a, b, "continuity", metric, SAME)
    found.append(
        f"**Are neighbours torn apart?** Continuity {a.figure('continuity', metric):.3f} against "
        f"{b.figure('continuity', metric):.3f}. {_better(torn, 'tears fewer apart')}"
    )
    found.append(_distances(a, b, metric))
    found.append(_labels(a, b))
    return found


def _summary(a: Judged, b: Judged, metric: str) -> str:
    near = _compared(a, b, "kept", metric, SAME_SHARE)
    far = _compared(a, b, "rank_correlation", metric, SAME_SHARE)
    if near is None and far is None:
        words = f"**Believe either**: {a.title} and {b.title} measure the same."
    elif near is not None and (far is near or far is None):
        better = ", both on who is near and on how far" if far else ": it shows better who is near"
        words = f"**Believe {near.title}** where the two disagree{better}."
    elif near is None and far is not None:
        words = f"**Believe {far.title}** where the two disagree: it shows distances better."
    else:
        assert near is not None
        assert far is not None
        words = (
            f"**Believe {near.title} on who is near whom, and {far.title} on how far apart things "
            "are.** No map of so few dimensions is best at both."
        )
    if a.dims != b.dims:
        words += " The map in 3-D has the easier task: it has room for one more direction."
    return words


def _distances(a: Judged, b: Judged, metric: str) -> str:
    far = _compared(a, b, "rank_correlation", metric, SAME_SHARE)
    figures = [side.figure("rank_correlation", metric) for side in (a, b)]
    words = (
        f"**Are distances kept?** Rank correlation {figures[0]:.2f} against {figures[1]:.2f}. "
        f"{_better(far, 'keeps their order better')}"
    )
    if max(figures) < READABLE:
        words += " On neither is it worth reading how far apart two groups lie."
    return words


def _labels(a: Judged, b: Judged) -> str:
    right = [side.quality["label_accuracy"] for side in (a, b)]
    words = (
        f"**Do neighbours share a label?** Ten nearest dots name {right[0]['map']:.1%} and "
        f"{right[1]['map']:.1%} of the images rightly; ten nearest codes {right[0]['codes']:.1%}."
    )
    above = [side.title for side, r in zip((a, b), right, strict=True)
             if r["map"] > r["codes"] + SAME]  # fmt: skip
    if above:
        words += (
            f" {' and '.join(above)} draws groups cleaner than they are: on its borders do not "
            "believe it."
        )
    return words


def _compared(a: Judged, b: Judged, name: str, metric: str, same: float) -> Judged | None:
    """The better one, or none where they measure the same."""
    left, right = a.figure(name, metric), b.figure(name, metric)
    if abs(left - right) < same:
        return None
    return a if left > right else b


def _better(which: Judged | None, what: str) -> str:
    return f"**{which.title}** {what}." if which else "That is as good as the same."
