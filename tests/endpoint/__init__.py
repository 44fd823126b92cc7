"""A chat completions endpoint that meets every fault there is, by a script: what the client is tested against."""
