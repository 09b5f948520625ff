"""How long chats are kept: by their age, by the time they were archived. Pinned ones stay."""
