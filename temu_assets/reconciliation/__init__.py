"""TEMU, our tables and JTL held against each other every day. It reads, names what differs, and changes nothing of it."""
