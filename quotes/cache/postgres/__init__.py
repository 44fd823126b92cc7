"""A cache in PostgreSQL, for many machines: its address, connections, tables and locks, and the store made of them."""
