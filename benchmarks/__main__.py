"""Run the benchmarks, print a table and write `benchmarks/results.json`.

`python -m benchmarks` runs all of them; `python -m benchmarks clusters repair` only these, and
keeps what is known of the others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import (
    app,
    clusters,
    live,
    making,
    novelty,
    place,
    recognition,
    repair,
    sampling,
    similar,
    transforms,
    traverse,
    ways,
)
from latent import InputError
from latent.files import write_json

RESULTS = Path(__file__).parent / "results.json"
PARTS = {
    part.__name__.rpartition(".")[2]: part
    for part in (app, live, traverse, ways, clusters, sampling, repair, recognition, similar,
                 making, place, novelty, transforms)
}  # fmt: skip


def merged(known: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a part, or of the same name, in place of those known before; others stay."""
    parts, names = {row["part"] for row in found}, {row["name"] for row in found}
    kept = [row for row in known if row.get("part") not in parts and row["name"] not in names]
    return [*kept, *found]


def main() -> int:
    """0, 1 for a missed figure, 2 for a name that is not known."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"error: no benchmark {unknown[0]!r}; there are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    found = [{"part": name, **row} for name in chosen for row in _measured(name)]
    where = {
        "part": "machine", "name": "machine", "value": app.machine(), "unit": "", "limit": None,
        "ok": True,
    }  # fmt: skip
    print(where["value"])
    width = max((len(row["name"]) for row in found), default=0)
    for row in found:
        limit = "" if row["limit"] is None else f"  ≤ {row['limit']} {row['unit']}"
        print(f"{row['name']:{width}}  {row['value']:9.3f} {row['unit']:3}{limit}"
              f"{'' if row['ok'] else '  MISSED'}")  # fmt: skip
    known = json.loads(RESULTS.read_text("utf-8")) if sys.argv[1:] and RESULTS.exists() else []
    others = [row for row in known if row["name"] != "machine"]
    write_json(RESULTS, [where, *merged(others, found)])
    return 0 if all(row["ok"] for row in found) else 1


def _measured(name: str) -> list[dict[str, Any]]:
    """Rows of one benchmark; none, and a line that says why, where it lacks its data."""
    try:
        rows: list[dict[str, Any]] = PARTS[name].measure()
    except InputError as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        return []
    return rows


if __name__ == "__main__":
    sys.exit(main())
