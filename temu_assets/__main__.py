"""``python -m temu_assets`` is the command line ``temu-assets``."""

from temu_assets.cli import main

main()
