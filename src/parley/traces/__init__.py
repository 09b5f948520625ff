"""What happened for one answer, step by step, for whoever has to explain it."""
