"""Virtual models."""

from piccolo.columns import BigInt, BigSerial, Boolean, Text, Varchar
from piccolo.table import Table


class Route(Table, tablename="route"):
    """A name people choose like a model. Its public id is "route:{slug}"."""

    id = BigSerial(primary_key=True)
    slug = Varchar(64)
    name = Varchar(80)
    enabled = Boolean(default=True)
    rules = Text(default="[]")  # JSON list of routes.rules.Rule, the first that fits wins
    created_at = BigInt()
    updated_at = BigInt()
