"""The tools that LLM agents call, over the Model Context Protocol. Imported to serve them, and for the demo's client."""
