"""Real results of the samples, the real command, and Debian's chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
FORM = SAMPLES / "forms" / "remittance.toml"
COMMAND = [sys.executable, "-c", "from ocrpipe.cli import main; main()"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def read_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ocrpipe run` reads off the samples when so much is promised that all goes to review."""
    out = tmp_path_factory.mktemp("samples") / "results.parquet"
    subprocess.run(
        [*COMMAND, "run", str(SAMPLES), "--template", str(FORM), "--max-error", "0.001", "--out", str(out), "--jobs",
         "1", "--quiet"],
        check=True, cwd=SAMPLES.parent,
    )  # fmt: skip
    return out


@pytest.fixture
def results(read_samples: Path, tmp_path: Path) -> Path:
    """A copy, to be reviewed."""
    for path in read_samples.parent.glob("results.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / "results.parquet"


@dataclass
class Server:
    """`ocrpipe review` in a process of its own."""

    process: subprocess.Popen[str]
    address: str


@pytest.fixture
def review() -> Iterator[Callable[..., Server]]:
    """Opens reviews; all are closed in the end."""
    servers: list[subprocess.Popen[str]] = []

    def open_it(results: Path, *options: str) -> Server:
        command = [*COMMAND, "review", str(results), "--no-browser", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SAMPLES.parent)
        servers.append(process)
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        return Server(process, found[0])

    yield open_it
    for process in servers:
        process.terminate()
        assert process.wait(20) in (0, -9)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page_of(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages, each in a browser of its own. None may run a foreign script, or complain; a request that the server
    refused (422), or that it was not there to answer, is no complaint."""
    complaints: list[str] = []
    contexts = []

    def heard(message: Any) -> None:
        if message.type in ("error", "warning") and not re.search("status of 422|ERR_CONNECTION", message.text):
            complaints.append(message.text)

    def open_it(address: str, name: str | None = None, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(address)
        if name is not None:
            page.wait_for_selector("#name-dialog[open]")
            page.fill("#name", name)
            page.keyboard.press("Enter")
            page.wait_for_selector("#name-dialog:not([open])", state="attached")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
