"""Killing the program everywhere and looking whether the next runs still bring everything to the same truth: ``make torture``.

- ``checker``: the judge. It reads files and databases and knows nothing of the program it judges.
- ``world``: a small shop at TEMU and a JTL-Wawi, saved and put back as a folder.
- ``zygote`` and ``runs``: runs of the program in processes of their own, that can be killed.
- ``days``: what happens between the runs.
- ``cases`` and ``schedules``: every crash point and occurrence, pairs of them, and random days with random faults.
"""
