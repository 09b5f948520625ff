"""One field that finds and does everything: chats, pages, actions; and the list of keys."""
