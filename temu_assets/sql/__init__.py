"""What our own database and JTL's have in common. What differs between the kinds of server lies here too, and nowhere else."""
