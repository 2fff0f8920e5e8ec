"""TOCI, our own database: tables, migrations, set-based writing, outbox, problems, sync state, leases."""
