"""A real server on a free port and a real Chromium that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
IDLE = "[data-testid='stApp'][data-test-script-state='notRunning']"
# where a point stands on the page, asked of the explorer itself
WHERE = """(index) => {
  const {map} = globalThis.latentBoard.kept.get('explorer');
  const box = map.overlay.canvas.getBoundingClientRect();
  const [x, y] = map.camera.project(map.pointOf(index), new Float64Array(3));
  return [box.left + x, box.top + y];
}"""


@contextmanager
def serving(models: Path | None = None, script: Path = ROOT / "app.py") -> Iterator[str]:
    """Start the app and give its address; the shipped models unless a folder is named."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **({"LATENT_MODELS": str(models)} if models else {})}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen(
        [*command, *options], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _healthy(port), 60)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """Poll, and fail with a clear word when the time is up."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"nothing came of it within {seconds} s"
        time.sleep(0.05)


def settle(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    page.wait_for_timeout(150)
    page.wait_for_selector(IDLE, timeout=60_000)


def open_page(page: Page, url: str) -> None:
    """Go there and wait until the page's script has run."""
    page.goto(url)
    page.wait_for_selector("h1", timeout=60_000)
    settle(page)


def wait_for_map(page: Page) -> None:
    """Wait until the live map has all that it draws, and its dots stand still."""
    expect(page.locator(".explorer .message")).to_be_empty(timeout=60_000)
    page.wait_for_timeout(900)


def where(page: Page, index: int) -> list[float]:
    """Pixel of the page at which an image's dot stands."""
    return page.evaluate(WHERE, int(index))


@contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tiny_models_folder: Path) -> Iterator[str]:
    """The app with tiny models."""
    with serving(tiny_models_folder) as url:
        yield url


@pytest.fixture(scope="session")
def furniture_address(tiny_furniture_folder: Path) -> Iterator[str]:
    """The app with tiny models of furniture."""
    with serving(tiny_furniture_folder) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with browsing() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh profile; an error in the page's own JavaScript fails the test."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 1600})
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
