"""What stands behind every door: one model, one database, a cache, and a limit on how much runs at once."""

from server.service.caller import Caller
from server.service.errors import Busy
from server.service.models import FixedModel, Models
from server.service.service import Answered, Service

__all__ = ["Answered", "Busy", "Caller", "FixedModel", "Models", "Service"]
