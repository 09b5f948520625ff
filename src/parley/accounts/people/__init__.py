"""What administrators decide about the people of their site."""
