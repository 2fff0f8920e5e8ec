"""Orders, parcels and stock between TEMU and JTL-Wawi.

Importing the package reads nothing and connects to nothing; ``temu_assets.definitions`` is what Dagster loads.
"""
