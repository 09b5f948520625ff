"""What the processes of this Parley write about themselves, for administrators."""
