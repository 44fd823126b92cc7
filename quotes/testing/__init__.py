"""Tests of your own: replies recorded once and replayed in pytest, through the same cache as everywhere."""
