"""The report: records as pages that people read, with nothing to install and nothing to load."""
