"""What the statuses of a test mean for a sync."""

from __future__ import annotations

FINAL = ("archived", "cancelled")
"""A test in one of these does not change any more, and neither do its bugs."""

NOT_BEGUN = ("initialized", "customer_finalized", "waiting")
"""A test in one of these has not been executed: nobody can have reported a bug."""
