from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from sync.errors import HubBusy, InvalidValue, SignInRefused, TokenInvalid
from sync.hub import accounts as accounts_module
from sync.hub.accounts import (
    ATTEMPTS_LOGINS_MAX,
    ATTEMPTS_MAX,
    ATTEMPTS_WINDOW_MS,
    PASSWORD_BYTES_MAX,
    Account,
    Accounts,
    create_tables,
    signing_key,
)
from sync.ids import UserId
from sync.local.database import Database
from tests.web.doubles import ManualClock, SeededEntropy

ANA = Account("ana", UserId("user_ana"), "worker", "store_seattle", "SEA", "Ana Ruiz")
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "hub.sqlite")
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def accounts(database: Database, clock: ManualClock) -> Accounts:
    accounts = Accounts(database, clock, SeededEntropy(), QUICK)
    accounts.add(ANA, "drill-42")
    return accounts


def stored_hash(database: Database) -> str:
    ((text,),) = database.query("SELECT password_hash FROM accounts WHERE login = 'ana'")
    return str(text)


def test_the_right_password_gives_the_identity(accounts: Accounts) -> None:
    identity = accounts.check("ana", "drill-42")
    assert identity == ANA.identity
    assert (identity.role, identity.store_code, identity.display_name) == (
        "worker",
        "SEA",
        "Ana Ruiz",
    )


@pytest.mark.parametrize("login", ["Ana", " ANA ", "ａｎａ"])
def test_a_login_has_one_spelling(accounts: Accounts, login: str) -> None:
    assert accounts.check(login, "drill-42").login == "ana"


def test_a_refusal_does_not_say_which_part_was_wrong(accounts: Accounts) -> None:
    reasons = set()
    tries = [("ana", "no"), ("ann", "drill-42"), ("", ""), ("ana", "x" * (PASSWORD_BYTES_MAX + 1))]
    for login, password in [*tries, ("\ud800", "\ud800")]:
        with pytest.raises(SignInRefused) as refused:
            accounts.check(login, password)
        reasons.add(str(refused.value))
    assert len(reasons) == 1


def test_an_unknown_login_costs_as_much_as_a_wrong_password(
    database: Database, clock: ManualClock
) -> None:
    checked: list[tuple[int, int, int]] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            from argon2 import extract_parameters

            found = extract_parameters(str(hash))
            checked.append((found.time_cost, found.memory_cost, found.parallelism))
            return super().verify(hash, password)

    accounts = Accounts(database, clock, SeededEntropy(), Watched(1, 64, 1))
    accounts.add(ANA, "drill-42")
    for login in ("ana", "nobody"):
        with pytest.raises(SignInRefused):
            accounts.check(login, "wrong")
    assert checked == [(1, 64, 1)] * 2


def test_passwords_are_kept_as_argon2id_with_their_own_salt(
    accounts: Accounts, database: Database
) -> None:
    first = stored_hash(database)
    accounts.add(ANA, "drill-42")
    assert first.startswith("$argon2id$")
    assert stored_hash(database) != first
    assert "drill" not in first


def test_stronger_parameters_reach_old_hashes_at_the_next_sign_in(
    accounts: Accounts, database: Database, clock: ManualClock
) -> None:
    before = stored_hash(database)
    stronger = Accounts(database, clock, SeededEntropy(), PasswordHasher(2, 128, 1))
    with pytest.raises(SignInRefused):
        stronger.check("ana", "wrong")
    assert stored_hash(database) == before
    stronger.check("ana", "drill-42")
    assert "m=128,t=2,p=1" in stored_hash(database)
    stronger.check("ana", "drill-42")


def test_failures_of_one_login_are_limited_for_a_minute(
    accounts: Accounts, clock: ManualClock
) -> None:
    accounts.add(Account("bo", UserId("user_bo"), "rep", "store_seattle", "SEA", "Bo"), "saw-7")
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(SignInRefused):
            accounts.check("ana", "wrong")
    with pytest.raises(HubBusy, match="60 seconds"):
        accounts.check("ANA", "drill-42")
    assert accounts.check("bo", "saw-7").login == "bo"
    clock.move(seconds=ATTEMPTS_WINDOW_MS // 1_000)
    assert accounts.check("ana", "drill-42").login == "ana"


def test_success_starts_the_count_anew(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(ATTEMPTS_MAX - 1):
            with pytest.raises(SignInRefused):
                accounts.check("ana", "wrong")
        accounts.check("ana", "drill-42")


def test_attempts_side_by_side_count_too(accounts: Accounts) -> None:
    def attempt(_: int) -> type[Exception] | None:
        try:
            accounts.check("ana", "wrong")
        except (SignInRefused, HubBusy) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(20)))
    assert outcomes.count(SignInRefused) == ATTEMPTS_MAX
    assert outcomes.count(HubBusy) == 20 - ATTEMPTS_MAX


def test_a_clock_set_back_locks_nobody_out_for_long(accounts: Accounts, clock: ManualClock) -> None:
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(SignInRefused):
            accounts.check("ana", "wrong")
    clock.move(seconds=-86_400)
    assert accounts.check("ana", "drill-42").login == "ana"


def test_remembered_failures_are_bounded(clock: ManualClock) -> None:
    attempts = accounts_module._Attempts(clock)
    for number in range(ATTEMPTS_LOGINS_MAX + 10):
        attempts.begin(f"guess {number}")
    assert len(attempts._times) == ATTEMPTS_LOGINS_MAX


def test_a_disabled_account_is_refused_everywhere(accounts: Accounts) -> None:
    identity = accounts.check("ana", "drill-42")
    accounts.set_disabled("Ana", True)
    with pytest.raises(SignInRefused):
        accounts.check("ana", "drill-42")
    with pytest.raises(TokenInvalid, match="no longer open"):
        accounts.current(identity)
    accounts.set_disabled("ana", False)
    assert accounts.current(identity) == identity


def test_a_change_of_role_reaches_a_token_already_out(accounts: Accounts) -> None:
    identity = accounts.check("ana", "drill-42")
    moved = Account("ana", ANA.user_id, "manager", "store_tacoma", "TAC", "Ana Ruiz")
    accounts.add(moved, "drill-42")
    assert accounts.current(identity) == moved.identity
    taken_over = Account("ana", UserId("user_new"), "worker", "store_tacoma", "TAC", "Ana Two")
    accounts.add(taken_over, "drill-42")
    with pytest.raises(TokenInvalid):
        accounts.current(identity)


BAD = {
    "no login": (" ", "user_1", "worker", "store_seattle", "pw"),
    "a long login": ("x" * 129, "user_1", "worker", "store_seattle", "pw"),
    "no password": ("x", "user_1", "worker", "store_seattle", ""),
    "a long password": ("x", "user_1", "worker", "store_seattle", "ü" * 600),
    "an unknown role": ("x", "user_1", "boss", "store_seattle", "pw"),
    "a worker without a store": ("x", "user_1", "worker", "", "pw"),
    "somebody else's user id": ("x", "user_ana", "worker", "store_seattle", "pw"),
}


@pytest.mark.parametrize(("login", "user_id", "role", "store", "password"), BAD.values(), ids=BAD)
def test_a_bad_account_is_not_added(
    accounts: Accounts, login: str, user_id: str, role: str, store: str, password: str
) -> None:
    with pytest.raises(InvalidValue):
        accounts.add(Account(login, UserId(user_id), role, store, "", "X"), password)
    assert accounts.count() == 1


def test_accounts_and_key_survive_reopening(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite"
    kept = []
    for seed in (1, 2):
        database = Database(path)
        create_tables(database)
        accounts = Accounts(database, ManualClock(), SeededEntropy(seed), QUICK)
        if accounts.find("ana") is None:
            accounts.add(ANA, "drill-42")
        accounts.check("ana", "drill-42")
        kept.append(signing_key(database, SeededEntropy(seed)))
        database.close()
    assert kept[0] == kept[1]
