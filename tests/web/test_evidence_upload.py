"""Files given as proof through a form, whole or not at all, and taken back out of the store."""

import asyncio
import hashlib
import socket
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.unit_task import Evidence, EvidenceFile
from tests.domain.samples import local
from tests.office import COOPERATING, LEAD, Scene
from tests.store.evidence_samples import png
from tests.web.browser import Browser, File, Page, Web
from web.server import serve

NOTE: File = ("会议记录.txt", "三所均已开工。".encode(), "text/plain")
PICTURE: File = ("现场.png", png(), "image/png")
MEGABYTE = 1024 * 1024


async def at_task(web: Web, code: str = "A", **more: Any) -> tuple[int, Browser]:
    """A task that its unit has acknowledged, and the officer on its page."""
    task = web.scene.one(code, **more)
    web.scene.acknowledge(task, web.now)
    officer = await web.enter(f"unit_officer@{code}")
    await officer.open(f"/unit-tasks/{task}")
    return task, officer


def kept_files(folder: Path) -> list[Path]:
    """Every file in the evidence store, also those on their way."""
    return [path for path in (folder / "evidence").rglob("*") if path.is_file()]


async def test_several_files_are_kept_and_stand_on_the_page(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)

    page = await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE, PICTURE]})

    assert "The evidence is kept." in page.text
    assert "What was given as proof 2" in page.part("given-list")
    rows = {row.name: row for row in scene.rows(Evidence)}
    assert set(rows) == {"会议记录.txt", "现场.png"}
    assert {str(row.effective_on) for row in rows.values()} == {"2026-03-02"}
    with web.evidence.open(rows["会议记录.txt"].sha256) as octets:
        assert octets.read() == NOTE[1]


async def test_they_go_with_the_next_submission(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE]})

    page = await officer.send(f"/unit-tasks/{task}/submit", text="三所均已建成。")

    assert "goes with the next submission" not in page.text
    (row,) = scene.rows(Evidence)
    assert row.submission_id is not None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("程序.exe", b"MZ", "image/png")], "程序.exe is not a kind of file"),
        ([NOTE, ("空.txt", b"", "text/plain")], "空.txt: The file is empty."),
        ([NOTE, ("假.png", b"no picture", "image/png")], "假.png: The name says image/png"),
    ],
)
async def test_one_file_that_may_not_be_evidence_and_none_is_attached(
    scene: Scene, web: Web, files: list[File], said: str
) -> None:
    task, officer = await at_task(web)

    page = await officer.send(f"/unit-tasks/{task}/evidence", status=422, files={"files": files})

    assert page.part("evidence-evidence-wrong").startswith(said)
    assert scene.count(Evidence) == 0


async def test_more_files_than_one_submission_carries_are_refused(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)

    page = await officer.send(
        f"/unit-tasks/{task}/evidence",
        status=422,
        files={"files": [(f"{n}.txt", b"x", "text/plain") for n in range(21)]},
    )

    assert "At most 20 files may be handed in at once, not 21." in page.text
    assert scene.count(Evidence) == 0


async def test_a_form_whose_file_fields_were_left_empty_asks_for_a_file(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    fields = officer.at.form(f"/unit-tasks/{task}/evidence").fields
    texts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    empty = (
        '--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n"
    )
    answer = await officer.client.post(
        f"/unit-tasks/{task}/evidence",
        content=f"{texts}{empty}{empty}--b--\r\n".encode(),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )

    assert answer.status_code == 422
    assert Page(answer).part("evidence-evidence-wrong") == "Choose at least one file."


async def test_a_day_to_come_is_refused_and_the_day_typed_stays(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)

    page = await officer.send(
        f"/unit-tasks/{task}/evidence", status=422, effective_on="2026-03-03", files={"files": [NOTE]}
    )

    assert "Evidence cannot speak of a day to come, 2026-03-03." in page.text
    assert page.form(f"/unit-tasks/{task}/evidence").fields["effective_on"] == "2026-03-03"
    assert scene.count(Evidence) == 0


async def test_the_folder_that_a_browser_sends_is_left_out_of_the_name(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)

    await officer.send(
        f"/unit-tasks/{task}/evidence", files={"files": [("C:\\文件\\记录.txt", b"x", "text/plain")]}
    )

    assert [row.name for row in scene.rows(Evidence)] == ["记录.txt"]


async def test_a_file_given_for_another_task_is_given_again_without_sending_it(
    scene: Scene, web: Web
) -> None:
    first, officer = await at_task(web)
    await officer.send(f"/unit-tasks/{first}/evidence", files={"files": [NOTE]})
    second, officer = await at_task(web)
    (before,) = scene.rows(Evidence)

    page = await officer.open(f"/unit-tasks/{second}")
    assert "Files your unit has given before" in page.text
    fields = page.form(f"/unit-tasks/{second}/evidence").fields
    page = await officer.post(f"/unit-tasks/{second}/evidence", fields | {"reuse": str(before.id)})

    assert "Files your unit has given before" not in page.text
    assert [(row.unit_task_id, row.sha256) for row in scene.rows(Evidence)] == [
        (first, before.sha256),
        (second, before.sha256),
    ]
    assert scene.count(EvidenceFile) == 1


async def test_another_units_file_cannot_be_given_as_ones_own(scene: Scene, web: Web) -> None:
    scene.acknowledge(theirs := scene.one("B"), web.now)
    scene.prove(theirs, web.now)
    task, officer = await at_task(web)
    fields = officer.at.form(f"/unit-tasks/{task}/evidence").fields

    await officer.post(
        f"/unit-tasks/{task}/evidence", fields | {"reuse": str(scene.rows(Evidence)[0].id)}, status=404
    )

    assert scene.count(Evidence) == 1


async def test_a_file_comes_back_as_it_was_to_be_saved_and_can_run_nothing(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE, PICTURE]})
    note, picture = (row.id for row in scene.rows(Evidence))

    answer = await officer.client.get(f"/evidence/{note}")
    assert answer.content == NOTE[1]
    headers = answer.headers
    assert headers["content-disposition"] == (
        "attachment; filename=\"____.txt\"; filename*=UTF-8''%E4%BC%9A%E8%AE%AE%E8%AE%B0%E5%BD%95.txt"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"

    for evidence_id, how in ((note, "attachment"), (picture, "inline")):
        shown = await officer.client.get(f"/evidence/{evidence_id}?show=1")
        assert shown.headers["content-disposition"].startswith(how)
        assert "sandbox" in shown.headers["content-security-policy"]


async def test_who_may_not_see_the_task_gets_no_file(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE]})
    evidence = scene.rows(Evidence)[0].id

    assert (await (await web.enter("supervision_office@YX")).client.get(f"/evidence/{evidence}")).is_success
    for login in ("unit_officer@B", "administrator@YX"):
        other = await web.enter(login)
        assert (await other.client.get(f"/evidence/{evidence}")).status_code in (403, 404)


async def test_a_closed_task_and_a_cooperating_unit_have_no_form_for_files(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE]})
    await officer.send(f"/unit-tasks/{task}/submit", text="完成。")
    scene.review(task, web.now)
    page = await officer.open(f"/unit-tasks/{task}")
    assert not page.has_form(f"/unit-tasks/{task}/evidence")

    helping = scene.begin(scene.item(("B", LEAD), ("A", COOPERATING))).items[0]
    helper = scene.task(helping, "A").id
    page = await officer.open(f"/unit-tasks/{helper}")
    assert not page.has_form(f"/unit-tasks/{helper}/evidence")


@asynccontextmanager
async def served(web: Web) -> AsyncIterator[int]:
    """The application on a socket of this machine; its port."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        running = asyncio.create_task(serve(web.app, bound))
        try:
            yield bound.getsockname()[1]
        finally:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running


async def send_half(port: int, head: bytes, body: bytes) -> None:
    """Say that a request comes, send a part of it, and hang up."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + body)
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()


async def test_an_upload_cut_in_the_middle_leaves_nothing(scene: Scene, web: Web, tmp_path: Path) -> None:
    task, officer = await at_task(web)
    csrf = officer.at.form(f"/unit-tasks/{task}/evidence").fields["csrf"]
    begun = (
        f'--cut\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        '--cut\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    ).encode() + b"x" * 3 * MEGABYTE
    cookie = "; ".join(f"{name}={value}" for name, value in officer.client.cookies.items())
    async with served(web) as port:
        head = (
            f"POST /unit-tasks/{task}/evidence HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {9 * MEGABYTE}\r\n\r\n"
        ).encode()
        await send_half(port, head, begun)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/healthz")).is_success

    assert kept_files(tmp_path) == []
    assert scene.count(Evidence) == scene.count(EvidenceFile) == 0
    page = await officer.send(f"/unit-tasks/{task}/evidence", files={"files": [NOTE]})
    assert "The evidence is kept." in page.text


async def test_a_large_file_is_never_held_in_memory(scene: Scene, web: Web) -> None:
    task, officer = await at_task(web)
    csrf = officer.at.form(f"/unit-tasks/{task}/evidence").fields["csrf"]
    part = b"line of text\n" * 5000
    times = 40 * MEGABYTE // len(part)
    digest = hashlib.sha256(part * times).hexdigest()

    async def body() -> AsyncIterator[bytes]:
        yield b'--big\r\nContent-Disposition: form-data; name="effective_on"\r\n\r\n2026-03-01\r\n'
        yield b'--big\r\nContent-Disposition: form-data; name="files"; filename="big.txt"\r\n\r\n'
        for _ in range(times):
            yield part
        yield b"\r\n--big--\r\n"

    async with served(web) as port:
        tracemalloc.start()
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies=dict(officer.client.cookies)
        ) as client:
            answer = await client.post(
                f"/unit-tasks/{task}/evidence",
                content=body(),
                headers={"content-type": "multipart/form-data; boundary=big", "x-csrf": csrf},
                timeout=60,
            )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert answer.headers["location"] == f"/unit-tasks/{task}?done=evidence_added"
    assert [row.sha256 for row in scene.rows(Evidence)] == [digest]
    assert scene.rows(Evidence)[0].effective_on == date(2026, 3, 1)
    assert peak < 12 * MEGABYTE, "sent and taken in one process, in pieces"


async def test_the_day_it_speaks_of_is_shown_beside_the_day_it_came(scene: Scene, web: Web) -> None:
    web.now = local(date(2026, 3, 3), 9)
    task, officer = await at_task(web)
    page = await officer.send(
        f"/unit-tasks/{task}/evidence", effective_on="2026-03-01", files={"files": [NOTE]}
    )

    assert "Sun 1 Mar" in page.part("given-list")
    assert "Tue 3 Mar 09:00" in page.part("given-list")
