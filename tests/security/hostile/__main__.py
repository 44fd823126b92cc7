"""Print the articles that are recorded, as JSON Lines: ``python -m tests.security.hostile FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.security.hostile import RECORDED, write_articles

if __name__ == "__main__":
    write_articles(Path(sys.argv[1]), RECORDED)
