"""What was used: tokens, money, waiting, added up so that a page over months costs little."""
