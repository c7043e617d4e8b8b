"""The description of the HTTP API: an OpenAPI 3.1 document, made from the schema of queries, and the page that shows it."""
