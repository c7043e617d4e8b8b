"""The commands of `metric-cube`, one module each."""
