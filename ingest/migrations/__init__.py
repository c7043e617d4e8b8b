"""The migrations of our tables, oldest first."""
