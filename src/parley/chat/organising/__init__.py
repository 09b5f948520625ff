"""Order among a person's chats: the sidebar, pins, the archive, folders, tags."""
