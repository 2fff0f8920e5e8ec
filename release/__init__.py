"""What a release is made with. Nothing of it is part of the program."""
