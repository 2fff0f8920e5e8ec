"""From when on a job, or what it passes on, needs a person."""

FAILURES_IN_A_ROW = 3
"""So many times a job may not fail one after the other."""
FEWEST_RUNS = 5
"""A share of fewer runs says nothing."""
WORST_PERCENT = 80
"""Of a job's runs of a day so many have to go well."""
GOAL_SECONDS = 60
"""Of a day's orders, parcels and changes of stock 95 % are to be on the other side so soon."""
