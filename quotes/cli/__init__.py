"""The command line: Typer commands, one file each, without logic of their own."""

from quotes.cli.app import main

__all__ = ["main"]
