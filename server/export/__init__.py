"""Answers as files: CSV, JSON, Parquet, Excel workbooks, and charts as pictures."""
