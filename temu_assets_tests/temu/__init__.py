"""Tests of the TEMU client."""
