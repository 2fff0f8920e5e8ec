"""Client of the TEMU Open API: signing, transport, limits, and one module per API family.

It knows HTTP and TEMU's names and nothing of this program's settings, databases or assets. Start at ``client.py``.
"""
