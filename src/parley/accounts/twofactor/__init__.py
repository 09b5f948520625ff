"""A second factor beside the password: codes of an app that change with time, and recovery codes."""
