"""What vendors publish about their models: one file each, with the day and the page it was read on."""
