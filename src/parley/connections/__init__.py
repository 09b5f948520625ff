"""Which upstreams and models exist, and with which keys."""
