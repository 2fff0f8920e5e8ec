"""The page where invoices and DATEV files are dropped, and results taken, beside Dagster's UI."""
