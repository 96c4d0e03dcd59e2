"""Accounts and secrets of the hub: two tables in its file that never sync (DESIGN §8).

Passwords are kept as argon2id hashes. Whether a login exists shows neither in the answer nor in
the time it takes.
"""

from __future__ import annotations

import base64
import threading
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION

from sync.errors import HubBusy, InvalidValue, SignInRefused, TokenInvalid
from sync.hub.collections import ROLES, SUPER
from sync.hub.identity import new_signing_key
from sync.ids import UserId
from sync.local.database import Database
from sync.peer.identity import Identity
from sync.ports import Clock, Entropy

ATTEMPTS_MAX = 5
"""Failed sign-ins of one login within ``ATTEMPTS_WINDOW_MS``; more have to wait."""
ATTEMPTS_WINDOW_MS = 60_000
ATTEMPTS_LOGINS_MAX = 10_000
"""Logins whose failures are remembered; the longest untouched goes first."""
HASH_MEMORY_KIB = 19_456
HASH_PASSES = 2
HASH_LANES = 1
"""Argon2id as OWASP advises where memory is dear: a store's hub may be a small machine."""
HASHES_AT_ONCE_MAX = 2
"""Hashes computed side by side, since strangers can ask for one."""
LOGIN_CHARACTERS_MAX = 128
PASSWORD_BYTES_MAX = 1_024

CURRENT_MAX = 4_000
"""People whose accounts are kept at hand until any account changes."""

_SALT_BYTES = 16
_SIGNING_KEY = "signing_key"
_COLUMNS = "login, user_id, password_hash, role, store_id, store_code, display_name, disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """What the hub keeps of a person. ``login`` is stored folded, so its case does not matter."""

    login: str
    user_id: UserId
    role: str
    store_id: str
    store_code: str
    display_name: str
    disabled: bool = False

    @property
    def identity(self) -> Identity:
        return Identity(
            user_id=self.user_id,
            login=self.login,
            display_name=self.display_name,
            role=self.role,
            store_id=self.store_id,
            store_code=self.store_code,
        )


def quick_hasher() -> PasswordHasher:
    """Hashes that cost next to nothing, for simulations, where a password protects nothing."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def create_tables(database: Database) -> None:
    """Make the hub-only tables where they are missing."""
    database.execute(
        """CREATE TABLE IF NOT EXISTS accounts(
            login TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
            role TEXT NOT NULL, store_id TEXT NOT NULL, store_code TEXT NOT NULL,
            display_name TEXT NOT NULL, disabled INTEGER NOT NULL) WITHOUT ROWID"""
    )
    database.execute(
        """CREATE TABLE IF NOT EXISTS secrets(
            name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"""
    )


def signing_key(database: Database, entropy: Entropy) -> str:
    """The hub's private key as PEM, made on first use and kept."""
    database.execute(
        "INSERT INTO secrets(name, value) VALUES(?, ?) ON CONFLICT(name) DO NOTHING",
        (_SIGNING_KEY, new_signing_key(entropy)),
    )
    ((key,),) = database.query("SELECT value FROM secrets WHERE name = ?", (_SIGNING_KEY,))
    return str(key)


def fold_login(login: str) -> str:
    """The one spelling of a login: phones like to capitalise what people type."""
    text = login.encode(errors="replace").decode()
    return unicodedata.normalize("NFKC", text).strip().casefold()


class Accounts:
    """The accounts of one hub. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        entropy: Entropy,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._database = database
        self._entropy = entropy
        self._hasher = hasher or PasswordHasher(HASH_PASSES, HASH_MEMORY_KIB, HASH_LANES)
        self._hashing = threading.BoundedSemaphore(HASHES_AT_ONCE_MAX)
        self._attempts = _Attempts(clock)
        self._nobody_hash = _unmatched_hash(self._hasher, entropy)
        self._current: dict[Identity, tuple[int, Identity]] = {}
        self.changes = 0
        """How often accounts have changed, for whoever remembers what they were."""
        create_tables(database)

    def add(self, account: Account, password: str) -> None:
        """Add an account, or replace the one with this login. Raises ``InvalidValue``."""
        login = fold_login(account.login)
        if not 0 < len(login) <= LOGIN_CHARACTERS_MAX:
            raise InvalidValue(f"A login has 1 to {LOGIN_CHARACTERS_MAX} characters.")
        if not 0 < len(password.encode()) <= PASSWORD_BYTES_MAX:
            raise InvalidValue(f"A password has 1 to {PASSWORD_BYTES_MAX} bytes.")
        if account.role not in ROLES:
            raise InvalidValue(f"There is no role {account.role!r:.40}; use {', '.join(ROLES)}.")
        if not account.store_id and account.role != SUPER:
            raise InvalidValue(f"A {account.role} belongs to a store, and {login} names none.")
        taken = "SELECT login FROM accounts WHERE user_id = ? AND login <> ?"
        for (other,) in self._database.query(taken, (account.user_id, login)):
            raise InvalidValue(f"The user id of {login} belongs to {other} already.")
        row = (
            *(login, account.user_id, self._hash(password), account.role, account.store_id),
            *(account.store_code, account.display_name, account.disabled),
        )
        self._change(f"INSERT OR REPLACE INTO accounts({_COLUMNS}) VALUES(?,?,?,?,?,?,?,?)", row)

    def find(self, login: str) -> Account | None:
        """The account with this login."""
        found = self._row(fold_login(login))
        return None if found is None else found[0]

    def of_user(self, user_id: str) -> Account | None:
        """The account of a person, by user id."""
        found = self._database.query("SELECT login FROM accounts WHERE user_id = ?", (user_id,))
        return self.find(found[0][0]) if found else None

    def count(self) -> int:
        """How many accounts there are."""
        return int(self._database.query("SELECT count(*) FROM accounts")[0][0])

    def set_disabled(self, login: str, disabled: bool) -> None:
        """Shut somebody out, or let them in again; tokens already given out follow at once."""
        sql = "UPDATE accounts SET disabled = ? WHERE login = ?"
        self._change(sql, (disabled, fold_login(login)))

    def _change(self, sql: str, parameters: Sequence[object]) -> None:
        with self._database.lock:  # nobody commits anything between a change and its count
            self._database.execute(sql, parameters)
            self.changes += 1

    def check(self, login: str, password: str) -> Identity:
        """Who this is. ``SignInRefused``, or ``HubBusy`` after too many failures."""
        login = fold_login(login)[: LOGIN_CHARACTERS_MAX + 1]
        self._attempts.begin(login)
        found = self._row(login)
        password_hash = self._nobody_hash if found is None else found[1]
        right = self._matches(password_hash, password)
        if found is None or not right or found[0].disabled:
            raise SignInRefused("The login or the password is wrong.")
        self._attempts.forget(login)
        if self._hasher.check_needs_rehash(password_hash):
            self._database.execute(
                "UPDATE accounts SET password_hash = ? WHERE login = ? AND password_hash = ?",
                (self._hash(password), login, password_hash),
            )
        return found[0].identity

    def current(self, identity: Identity) -> Identity:
        """The identity as it stands now: a token outlives a change of role, rights do not.

        Raises ``TokenInvalid`` when the account is gone or disabled.
        """
        changes = self.changes
        if (known := self._current.get(identity)) is not None and known[0] == changes:
            return known[1]
        account = self.find(identity.login)
        if account is None or account.disabled or account.user_id != identity.user_id:
            raise TokenInvalid(f"The account {identity.login} is no longer open.")
        if len(self._current) >= CURRENT_MAX:
            self._current.clear()
        self._current[identity] = changes, account.identity
        return account.identity

    def _row(self, login: str) -> tuple[Account, str] | None:
        rows = self._database.query(f"SELECT {_COLUMNS} FROM accounts WHERE login = ?", (login,))
        for login_, user_id, password_hash, role, store_id, store_code, name, disabled in rows:
            account = Account(login_, user_id, role, store_id, store_code, name, bool(disabled))
            return account, password_hash
        return None

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(password, salt=self._entropy.draw(_SALT_BYTES))

    def _matches(self, password_hash: str, password: str) -> bool:
        data = password.encode(errors="surrogatepass")
        if len(data) > PASSWORD_BYTES_MAX:
            data = b""
        with self._hashing:
            try:
                return self._hasher.verify(password_hash, data)
            except VerificationError:
                return False


def _unmatched_hash(hasher: PasswordHasher, entropy: Entropy) -> str:
    """A hash no password has, as dear to check as a real one: what unknown logins are held to."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, tag = (
        base64.b64encode(entropy.draw(size)).decode().rstrip("=")
        for size in (_SALT_BYTES, hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${tag}"


class _Attempts:
    """Sign-ins tried lately, by login. Counted when they begin, so that many at once count too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[int]] = OrderedDict()

    def begin(self, login: str) -> None:
        """Note an attempt. ``HubBusy`` when there were too many."""
        now = self._clock.now_ms()
        with self._lock:
            times = self._times.setdefault(login, deque())
            self._times.move_to_end(login)
            while times and not 0 <= now - times[0] < ATTEMPTS_WINDOW_MS:
                times.popleft()
            if len(times) >= ATTEMPTS_MAX:
                wait = (times[0] + ATTEMPTS_WINDOW_MS - now + 999) // 1_000
                raise HubBusy(f"Too many failed sign-ins; the next one may be in {wait} seconds.")
            times.append(now)
            if len(self._times) > ATTEMPTS_LOGINS_MAX:
                self._times.popitem(last=False)

    def forget(self, login: str) -> None:
        """The right password was given: start counting anew."""
        with self._lock:
            self._times.pop(login, None)
