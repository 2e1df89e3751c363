"""Run every benchmark, print a table and write `benchmarks/results.json`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import app, clusters, live, making, novelty, place, transforms, traverse, ways
from latent.files import write_json

RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    parts = (app, live, traverse, ways, clusters, making, place, novelty, transforms)
    rows = [row for part in parts for row in part.measure()]
    where = {"name": "machine", "value": app.machine(), "unit": "", "limit": None, "ok": True}
    width = max(len(row["name"]) for row in rows)
    print(where["value"])
    for row in rows:
        limit = "" if row["limit"] is None else f"  ≤ {row['limit']} {row['unit']}"
        print(f"{row['name']:{width}}  {row['value']:9.3f} {row['unit']:3}{limit}"
              f"{'' if row['ok'] else '  MISSED'}")  # fmt: skip
    write_json(RESULTS, [where, *rows])
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
