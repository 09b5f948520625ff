"""Rows about who is asking. Times are milliseconds since the epoch, UTC."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, Integer, Text, Varchar
from piccolo.table import Table


class Group(Table, tablename="user_group"):
    """People an administrator treats alike."""

    id = BigSerial(primary_key=True)
    name = Varchar(60)
    name_key = Varchar(60)  # NFKC and lower case: unique
    created_at = BigInt()


class User(Table, tablename="user_account"):
    """A registered account. `ver` grows with every change that must cut what is signed in."""

    id = BigSerial(primary_key=True)
    username = Varchar(20)
    username_key = Varchar(20)  # NFKC and lower case: unique
    password_hash = Text()
    role = Varchar(8)  # "admin", "user" or "visitor"
    status = Varchar(8)  # "pending", "active", "disabled", "rejected" or "deleted"
    status_reason = Varchar(200, default="")
    ver = Integer(default=1)
    language = Varchar(8, default="")  # "" follows the browser
    personal_prompt = Text(default="")  # system prompt of all their chats, "" takes the site's
    default_model = Varchar(300, default="")  # public id; "" takes the first that can be used
    avatar = BigInt(null=True, default=None)  # a stored file
    preferences = Text(default="{}")  # JSON: how the pages behave for this person
    address_range = Varchar(45, default="")  # of a visitor: the /24 or /64 they came from
    time_zone = Varchar(64, default="")  # IANA name, "" takes the site's
    group_id = ForeignKey(Group, null=True, default=None)
    heir = BigInt(null=True, default=None)  # of a deleted account: who gets its conversations
    heir_folder = BigInt(null=True, default=None)  # the folder of theirs they go to
    created_at = BigInt()


class Bootstrap(Table, tablename="bootstrap"):
    """One row at most: whoever inserts it is the first administrator."""

    id = Integer(primary_key=True)
    owner = ForeignKey(User)


class LoginSession(Table, tablename="login_session"):
    """A signed-in browser or API client; its secret is stored hashed."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    token_hash = Varchar(64)
    address = Varchar(45, default="")
    agent = Varchar(200, default="")
    created_at = BigInt()
    seen_at = BigInt()
    expires_at = BigInt()
    revoked_at = BigInt(null=True, default=None)
    proved_at = BigInt(null=True, default=None)  # when they last showed who they are, None: nobody asked


class LoginThrottle(Table, tablename="login_throttle"):
    """Failed sign-ins of one account or one address range."""

    key = Varchar(80, primary_key=True)
    failures = Integer()
    last_at = BigInt()
    locked_until = BigInt(default=0)


class SignInChallenge(Table, tablename="sign_in_challenge"):
    """A sign-in or a change of it that is under way in one browser, known by a cookie; stored hashed."""

    key = Varchar(64, primary_key=True)
    purpose = Varchar(16)
    owner = ForeignKey(User, null=True, default=None)
    data = Text()  # JSON
    failures = Integer(default=0)
    expires_at = BigInt()


class PasswordReset(Table, tablename="password_reset"):
    """A link with which a person sets a new password once; its token is stored hashed."""

    id = BigSerial(primary_key=True)
    owner = ForeignKey(User)
    token_hash = Varchar(64)
    created_at = BigInt()
    expires_at = BigInt()
