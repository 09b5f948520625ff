"""What people make of the models. The models themselves belong to their connections."""

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Varchar
from piccolo.table import Table

from parley.accounts.tables import User


class ModelMark(Table, tablename="model_mark"):
    """One person and one model (or route): a favourite, and when it was last used."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    model = Varchar(300)  # public id
    favourite = Boolean(default=False)
    used_at = BigInt(default=0)
