"""Invoices that were read, and DATEV files that were checked

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic.operations import Operations

from temu_assets.toci.columns import UtcDateTime, text_type

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "invoice_documents",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("sha256", text_type(64), nullable=False, comment="of the file as it came"),
        sa.Column("lane", text_type(20), nullable=False, comment="the folder it was dropped into: rechnungen or werbung"),
        sa.Column("file_name", text_type(255), nullable=False),
        sa.Column("archived_as", text_type(400), nullable=False, comment="below the data folder"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True, comment="empty: still to be read"),
        sa.Column("status", text_type(10), nullable=True, comment="ok, prüfen or Fehler"),
        sa.Column("notes", text_type(), nullable=True, comment="JSON: what is to be checked, or why it could not be read"),
        sa.Column("kind", text_type(20), nullable=True),
        sa.Column("source", text_type(10), nullable=True, comment="XML, Text or OCR"),
        sa.Column("profile", text_type(60), nullable=True, comment="the standard, or the issuer's profile, by which it was read"),
        sa.Column("issuer", text_type(255), nullable=True),
        sa.Column("issuer_vat_id", text_type(20), nullable=True),
        sa.Column("buyer_vat_id", text_type(20), nullable=True),
        sa.Column("number", text_type(100), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("country", text_type(2), nullable=True),
        sa.Column("currency", text_type(3), nullable=True),
        sa.Column("net_cents", sa.BigInteger(), nullable=True, comment="negative on a credit note, as all amounts"),
        sa.Column("tax_cents", sa.BigInteger(), nullable=True),
        sa.Column("gross_cents", sa.BigInteger(), nullable=True),
        sa.Column("tax_groups", text_type(), nullable=True, comment="JSON: [[rate in percent, net cents, tax cents], ...]"),
        sa.Column("reverse_charge", sa.Boolean(), nullable=True),
        sa.Column("iban", text_type(40), nullable=True),
        sa.Column("order_refs", text_type(), nullable=True, comment="JSON: numbers of orders it names"),
        sa.Column("places", text_type(), nullable=True, comment="JSON: where in the document each value stood"),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("shop", "sha256", name=op.f("pk_invoice_documents")),
    )
    op.create_index(op.f("ix_invoice_documents_shop_lane_read_at"), "invoice_documents", ["shop", "lane", "read_at"], unique=False)
    op.create_table(
        "datev_batches",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("sha256", text_type(64), nullable=False, comment="of the CSV as it came"),
        sa.Column("file_name", text_type(255), nullable=False),
        sa.Column("archived_as", text_type(400), nullable=False, comment="below the data folder"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("came_in", text_type(255), nullable=True, comment="the ZIP it came in"),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("processed_at", UtcDateTime(), nullable=True, comment="empty: still to be processed"),
        sa.Column("rules", text_type(64), nullable=True, comment="digest of the rules it was processed with"),
        sa.Column("status", text_type(20), nullable=True, comment="ok, prüfen, zurückgehalten or Fehler"),
        sa.Column("note", text_type(1000), nullable=True, comment="why it was refused or withheld"),
        sa.Column("outputs", text_type(), nullable=True, comment="JSON: names of the files written"),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("change_count", sa.Integer(), nullable=True),
        sa.Column("error_count", sa.Integer(), nullable=True),
        sa.Column("warning_count", sa.Integer(), nullable=True),
        sa.Column("not_found_count", sa.Integer(), nullable=True),
        sa.Column("debit_cents", sa.BigInteger(), nullable=True),
        sa.Column("credit_cents", sa.BigInteger(), nullable=True),
        sa.Column("result_path", text_type(400), nullable=True, comment="the result in full, JSON, below the data folder"),
        sa.Column("reported_in", text_type(255), nullable=True, comment="the report that tells of it; empty: none yet"),
        sa.PrimaryKeyConstraint("shop", "sha256", name=op.f("pk_datev_batches")),
    )
    op.create_index(op.f("ix_datev_batches_shop_processed_at"), "datev_batches", ["shop", "processed_at"], unique=False)
    op.create_table(
        "datev_documents",
        sa.Column("shop", text_type(40), nullable=False),
        sa.Column("sha256", text_type(64), nullable=False, comment="the batch"),
        sa.Column("document_number", text_type(60), nullable=False),
        sa.Column("order_number", text_type(60), nullable=False, comment="empty: the rows name none"),
        sa.Column("kind", text_type(1), nullable=False, comment="S or H"),
        sa.Column("marketplace", text_type(20), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "sha256", "document_number", "order_number", "kind", name=op.f("pk_datev_documents")),
    )
    op.create_index(op.f("ix_datev_documents_shop_document_number"), "datev_documents", ["shop", "document_number"], unique=False)
    op.create_index(op.f("ix_datev_documents_shop_order_number"), "datev_documents", ["shop", "order_number"], unique=False)
