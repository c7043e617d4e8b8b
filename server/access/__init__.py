"""Who may ask, and for what: tokens and what they are bound to, read from one file."""

from server.access.errors import AccessFileError, Forbidden, IssuerUnavailable, Unauthenticated
from server.access.scopes import require

__all__ = ["AccessFileError", "Forbidden", "IssuerUnavailable", "Unauthenticated", "require"]
