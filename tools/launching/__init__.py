"""What makes launch copies: the book's notebooks in Markdown that every viewer shows."""
