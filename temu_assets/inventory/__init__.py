"""What TEMU offers, what JTL has, and what may therefore be sold: the way of a stock figure from JTL to TEMU."""
