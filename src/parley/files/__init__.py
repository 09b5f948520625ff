"""What people attach, stored once per content."""
