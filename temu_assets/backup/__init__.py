"""Backup and restore: our database, the data folder and Dagster's history in one folder that proves itself complete."""
