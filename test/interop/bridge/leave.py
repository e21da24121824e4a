import os
import sys


def leave():
    """Ends the process at once: threads of a client's library outlive its work now and then, and would end it with an error."""
    sys.stdout.flush()
    os._exit(0)
