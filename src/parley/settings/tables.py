"""Values an administrator set; what is absent has its default."""

from piccolo.columns import BigInt, Text, Varchar
from piccolo.table import Table


class SettingValue(Table, tablename="setting"):
    """One value of settings.catalogue, as JSON."""

    key = Varchar(64, primary_key=True)
    value = Text()
    updated_at = BigInt()
