"""Values an administrator set; what is absent has its default. Times are ms since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, Bytea, Text, Varchar
from piccolo.table import Table


class SettingValue(Table, tablename="setting"):
    """One value of settings.catalogue, as JSON."""

    key = Varchar(64, primary_key=True)
    value = Text()
    updated_at = BigInt()


class SettingHistory(Table, tablename="setting_history"):
    """One change of one setting; "" stands for the default."""

    id = BigSerial(primary_key=True)
    key = Varchar(64)
    before = Text(default="")  # JSON
    after = Text(default="")
    at = BigInt()
    actor = BigInt(null=True, default=None)  # user id
    actor_name = Varchar(40, default="")  # as it was then


class SiteMarkFile(Table, tablename="site_mark"):
    """One size of a picture that is or was the mark of the site, under the name it is served by.

    Here and not among the files: it belongs to nobody, and whoever cannot sign in sees it.
    """

    name = Varchar(48, primary_key=True)
    mark = Varchar(24)
    data = Bytea()  # PNG
    created_at = BigInt()
