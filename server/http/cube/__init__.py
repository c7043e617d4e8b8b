"""Cube's REST API, as its own clients speak it: `/cubejs-api/v1/load`, `sql`, `dry-run`, `meta` and `cubesql`."""
