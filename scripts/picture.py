"""The README picture: the report of a sample article in a browser. Needs Chromium and the extra `system`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
ARTICLE, QUOTE = ROOT / "seeds" / "pellora-quake.txt", "q-1-6"
WIDTH, HEIGHT = 1280, 760


def main(picture: Path) -> None:
    """Extract, report, and write the *picture* of the page with one quote selected."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        records, page_file = Path(folder, "quotes.jsonl"), Path(folder, "report.html")
        _quotes("extract", ARTICLE, "--backend", "rules", "-o", records)
        _quotes("report", records, "-o", page_file)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page = context.new_page()
            page.goto(f"{page_file.as_uri()}#{QUOTE}")
            page.locator(f"#{QUOTE}.lit, #{QUOTE}[aria-current]").first.wait_for()
            page.screenshot(path=picture, animations="disabled")
            browser.close()


def _quotes(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "quotes", *map(str, arguments), "--quiet"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
