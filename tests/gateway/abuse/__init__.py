"""What nobody in their senses sends: everything gets an answer in our form, soon, and none says 5xx."""
