"""DATEV files that JTL wrote: checked, corrected where asked for, split, reported."""
