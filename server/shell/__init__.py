"""The shell: questions typed one after another, in SQL or in short, with completion, history and charts."""
