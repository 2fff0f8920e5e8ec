"""A T-SQL server over TDS, made for the tests, that keeps its data in PostgreSQL."""

KEY_VARIABLE = "TDS_CONTROL_KEY"
"""The variable by which the server's process learns the key of the connection it is controlled with."""
