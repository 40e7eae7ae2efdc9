"""Accounts as the administrator manages them, and what each change means at the next click."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from domain.errors import NotAllowedError, RefusedError
from models.columns import table
from models.organisation import Account, AccountRole
from models.sign_in import WebSession
from services.account_admin import AddAccount, OnAccount, add_account, close_account
from services.office import Actor
from services.setup import InitSite, init_site, prepare
from tests.conftest import ROOT
from tests.office import DIRECTOR, PUBLISHED, Scene, both, make_office, refused
from tests.web.browser import PASSWORD, Web

ADMIN = "administrator@YX"


def of(scene: Scene, login: str) -> int:
    (row,) = scene.rows(Account, table(Account).c.login == login)
    return int(row.id)


@both
async def test_the_list_shows_every_account_and_narrows_by_the_address(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)

    page = await admin.open("/")
    assert page.path == "/accounts"
    assert f"Accounts {scene.count(Account)}" in page.text
    page = await admin.open("/accounts?role=unit_officer&text=财政")

    assert [row[0] for row in page.rows[1:]] == ["unit_officer@B"]


async def test_a_new_account_gets_a_link_that_is_shown_once_and_signs_it_in(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    await admin.open("/accounts")

    page = await admin.send(
        "/accounts/add", login="second@B", name="综合科", role="unit_officer", unit="市财政局"
    )
    link = page.part("one-time-link")
    again = await admin.open(f"/accounts/{of(scene, 'second@B')}")
    assert "one-time-link" not in again.answer.text
    visitor = await web.visit()
    await visitor.open(link.removeprefix("http://duban"))
    await visitor.send(link.removeprefix("http://duban"), password=PASSWORD)
    page = await visitor.send("/sign-in", login="second@B", password=PASSWORD)

    assert page.path == "/my/unit-tasks"
    row = scene.row(Account, of(scene, "second@B"))
    assert (row.unit_id, row.role, row.wants_mail) == (scene.units["B"], "unit_officer", True)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("login", "unit_officer@A", "The login unit_officer@A is taken."),
        ("login", "with blank", "Check the field Login."),
        ("unit", "没有的单位", "No unit has the code or the name 没有的单位."),
        ("unit", "", "Name the unit: only an administrator can be of none."),
        ("email", "a@b@c", "is not one plain e-mail address."),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    scene: Scene, web: Web, field: str, value: str, sentence: str
) -> None:
    admin = await web.enter(ADMIN)
    await admin.open("/accounts")
    before = scene.count(Account)
    typed = {"login": "new@A", "name": "综合科", "role": "unit_officer", "unit": "A", field: value}

    page = await admin.post("/accounts/add", admin.at.form("/accounts/add").fields | typed, status=422)

    assert sentence in page.text
    assert page.form("/accounts/add").fields["name"] == "综合科"
    assert scene.count(Account) == before


async def test_a_closed_account_is_out_at_its_next_click(scene: Scene, web: Web) -> None:
    admin, officer = await web.enter(ADMIN), await web.enter("unit_officer@A")
    await officer.open("/my/unit-tasks")
    account = of(scene, "unit_officer@A")
    await admin.open(f"/accounts/{account}")

    page = await admin.send(f"/accounts/{account}/close")
    assert "The account is closed." in page.text
    assert (await officer.open("/my/unit-tasks")).path.startswith("/sign-in")
    await admin.send(f"/accounts/{account}/open")

    assert (await officer.open("/my/unit-tasks")).path.startswith("/sign-in")  # the old session stays ended
    assert scene.row(Account, account).active


async def test_another_role_is_in_force_at_the_next_click(scene: Scene, web: Web) -> None:
    admin, person = await web.enter(ADMIN), await web.enter("auditor@YX")
    await person.open("/queue", status=403)
    account = of(scene, "auditor@YX")
    await admin.open(f"/accounts/{account}")

    await admin.send(f"/accounts/{account}/change", role="supervision_office")

    await person.open("/queue")
    await person.open("/accounts", status=403)


async def test_an_account_is_signed_out_everywhere_at_once(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    first, second = await web.enter("leader@YX"), await web.enter("leader@YX")
    account = of(scene, "leader@YX")
    page = await admin.open(f"/accounts/{account}")
    assert "Open sessions 2" in page.text

    await admin.send(f"/accounts/{account}/end-sessions")

    for browser in (first, second):
        assert (await browser.open("/queue")).path.startswith("/sign-in")
    left = (table(WebSession).c.account_id == account, table(WebSession).c.ended_at.is_(None))
    assert scene.count(WebSession, *left) == 0


async def test_a_new_link_voids_the_old_one(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    account = of(scene, "unit_head@A")
    await admin.open(f"/accounts/{account}")
    first = (await admin.send(f"/accounts/{account}/link")).part("one-time-link")
    second = (await admin.send(f"/accounts/{account}/link")).part("one-time-link")
    visitor = await web.visit()

    await visitor.open(first.removeprefix("http://duban"), status=404)
    await visitor.open(second.removeprefix("http://duban"))


async def test_the_last_administrator_stays(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    account = of(scene, ADMIN)
    await admin.open(f"/accounts/{account}")

    page = await admin.send(f"/accounts/{account}/close", status=422)
    assert "This is the last administrator" in page.text
    page = await admin.send(f"/accounts/{account}/change", role="auditor", status=422)

    assert "This is the last administrator" in page.text
    assert scene.row(Account, account).role == "administrator"


@pytest.mark.parametrize("login", ["leader@YX", "supervision_office@YX", "auditor@YX", "unit_head@A"])
async def test_nobody_else_manages_accounts(scene: Scene, web: Web, login: str) -> None:
    person = await web.enter(login)
    await person.open("/accounts", status=403)

    with refused(scene, NotAllowedError, "has not the right"):
        close_account(scene.office, scene.people[login], PUBLISHED, OnAccount(account_id=1))


def test_an_operator_without_an_account_can_do_it_from_the_command_line(scene: Scene) -> None:
    role = AccountRole.ADMINISTRATOR
    made = add_account(scene.office, DIRECTOR, PUBLISHED, AddAccount(login="spare", name="备用", role=role))
    close_account(scene.office, DIRECTOR, PUBLISHED, OnAccount(account_id=of(scene, ADMIN)))

    with refused(scene, RefusedError, "last administrator"):
        close_account(scene.office, DIRECTOR, PUBLISHED, OnAccount(account_id=made["account_id"]))


@pytest.fixture
async def bare(sqlite_engine: Engine, tmp_path: Path) -> AsyncIterator[Web]:
    """The site as the first start makes it: no units, one administrator."""
    office = make_office(sqlite_engine)
    prepare(office)
    init_site(office, DIRECTOR, PUBLISHED, InitSite(name="芸溪市", mark="芸"))
    role = AccountRole.ADMINISTRATOR
    request = AddAccount(login="administrator", name="administrator", role=role)
    made = add_account(office, DIRECTOR, PUBLISHED, request)
    person = {"administrator": Actor("account:administrator", made["account_id"], None, role)}
    async with AsyncExitStack() as stack:
        yield Web(Scene(office, {}, person), tmp_path, stack, now=PUBLISHED + timedelta(hours=1))


async def test_the_first_administrator_imports_the_organisation_and_gets_every_link_on_a_sheet(
    bare: Web,
) -> None:
    admin = await bare.enter("administrator")
    await admin.open("/accounts")
    town = (ROOT / "samples" / "town.csv").read_bytes()
    fields = {"csrf": admin.at.form("/accounts/import").fields["csrf"]}

    answer = await admin.client.post(
        "/accounts/import", data=fields, files={"file": ("town.csv", town, "text/csv")}
    )

    rows = list(
        load_workbook(BytesIO(answer.content), read_only=True).worksheets[0].iter_rows(values_only=True)
    )
    accounts = bare.scene.rows(Account)
    assert len(rows) == len(accounts)  # a header, and all but the administrator, who has a password
    logins = {str(row[0]): str(row[4]) for row in rows[1:]}
    visitor = await bare.visit()
    link = logins["leader@YX"].removeprefix("http://duban")
    assert "For the account leader@YX." in (await visitor.open(link)).text
    page = await admin.open("/accounts")
    assert not page.has_form("/accounts/import")


async def test_a_bad_file_imports_nothing_and_says_line_by_line_why(bare: Web) -> None:
    admin = await bare.enter("administrator")
    await admin.open("/accounts")
    fields = {"csrf": admin.at.form("/accounts/import").fields["csrf"]}
    bad = "代码,名称,上级\nA,甲市,\nA,乙局,A\n".encode()

    page = await admin.post(
        "/accounts/import", fields, files={"file": [("bad.csv", bad, "text/csv")]}, status=422
    )

    assert "The code A is already that of [2]." in page.text
    assert bare.scene.count(Account) == 1
