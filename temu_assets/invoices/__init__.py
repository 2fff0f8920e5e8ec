"""Invoices of suppliers and for advertising: PDF and e-invoices become rows and an Excel file."""
