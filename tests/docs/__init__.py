"""The documentation: its links lead somewhere, and what it says to type does what it says."""
