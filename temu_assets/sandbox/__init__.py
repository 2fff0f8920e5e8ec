"""A TEMU Open API and a JTL-Wawi to try everything without either, and the ground the tests run on.

Nothing here imports the rest of the program: signature, amounts and XML reading are written a second time on purpose,
so that the sandbox can serve as an independent judge of what the program did. Only the command line and the tests
import it. Every person, address, number and secret in it is invented.
"""
