"""Running the program for years: the history of runs, how long things take, and keeping what is stored small."""
