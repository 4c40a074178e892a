"""Keep a worker's process to its work: no signals, no arguments, no chatter.

OpenHTF reads `sys.argv`, takes SIGINT, and logs every failing phase; python-can warns
of a bus that a killed station left open.
"""

from __future__ import annotations

import logging
import signal
import sys


def be_quiet() -> None:
    """Ignore Ctrl-C, which is the campaign's own, and drop what libraries log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv[1:] = []
    drop_logs()


def drop_logs() -> None:
    """Drop what libraries log about every case."""
    logging.disable(logging.CRITICAL)
