"""Find a Chromium for the browser tests, and get one where there is none.

Run as a script it says which one it found, or prints the command to type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of a Chromium: `CHROMIUM`, the system's, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or _playwrights_own()


def get() -> str | None:
    """Install a Chromium: Debian's package as root, else Playwright's."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's package.", flush=True)
        commands = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"])
    else:
        print("No Chromium found: fetching Playwright's.", flush=True)
        commands = ([sys.executable, "-m", "playwright", "install", "chromium"],)
    for command in commands:
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            return None
    return find()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> int:
    if os.environ.get("CHROMIUM") and find() is None:
        print(
            f"CHROMIUM={os.environ['CHROMIUM']} is no program. Set it to a Chromium, or unset it."
        )
        return 2
    path = find() or get()
    if path is None:
        print(
            "The browser tests need a Chromium. Type one of these:\n"
            "  sudo apt-get install chromium\n"
            "  .venv/bin/python -m playwright install --with-deps chromium"
        )
        return 2
    print(f"Chromium: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
