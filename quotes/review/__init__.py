"""The review page: a report that can be corrected, on this machine alone; the decisions stand beside the records."""
