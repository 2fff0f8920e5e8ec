"""A model of plain dicts beside whole runs: random days that Hypothesis draws and makes small when one is not right."""
