"""How fast and how frugal this program is, beside what else there is: ``python -m benchmarks``."""

"""How fast and how frugal this program is, beside what else there is: ``python -m benchmarks``."""
