"""Finding a Chromium for the browser tests, and getting one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.browser import chromium


def test_chromium_names_the_browser_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert chromium.find() == sys.executable


def test_a_wrong_chromium_is_said_and_none_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("installed something"))
    assert chromium.main() == 2
    assert "CHROMIUM=/nowhere/chromium is no program" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("user", "installer"), [(0, ["apt-get"]), (1000, [sys.executable, "-m", "playwright"])]
)
def test_where_there_is_none_one_is_fetched_or_the_command_is_told(
    user: int,
    installer: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[list[str]] = []

    def refuse(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(chromium.os, "geteuid", lambda: user)
    monkeypatch.setattr(chromium.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(subprocess, "run", refuse)
    assert chromium.main() == 2
    assert asked[0][: len(installer)] == installer
    assert "sudo apt-get install chromium" in capsys.readouterr().out
