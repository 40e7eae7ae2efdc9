"""Looking for two characters and more in 100,000 items, through the application: rare words, common ones, none.

The texts are drawn from a fixed seed out of the words of such papers, so that some pairs stand in nearly every item.
"""

import asyncio
import random
from pathlib import Path

import httpx
from sqlalchemy import insert

from bench.figure import Figure, say, timed
from bench.pages import DIRECTIVE, ITEM, NOW, directive_row, item_row, measured_page, session_of
from bench.site import Place, make_place
from services.search_index import index_all
from store.evidence import FolderStore
from store.sessions import writing
from web.app import create_app
from web.site import WebSite

ITEMS, DIRECTIVES = 100_000, 200
RARE_EVERY = 5000
WORDS = (
    "完成", "年度", "重点", "工作", "任务", "推进", "老旧", "小区", "改造", "建设", "公办", "幼儿园", "新增", "学位", "落实", "安全",
    "生产", "责任", "修复", "路面", "排查", "隐患", "改善", "村庄", "饮水", "开办", "助餐点", "办好", "课后", "服务", "报送", "情况",
)  # fmt: skip
ASKED = ("工作", "幼儿园学位", "渡槽", "小区 隐患 学位", "没有人写过")


def run(folder: Path) -> list[Figure]:
    """The slowest of the questions counts."""
    place = make_place(folder / "search.sqlite", 20)
    with timed() as watch:
        _fill(place)
    say(f"search: {ITEMS:,} items written and indexed in {watch.seconds:.0f} s")
    slowest = asyncio.run(_measure(place, folder))
    place.office.engine.dispose()
    note = f"the slowest of {len(ASKED)} questions"
    return [Figure("search: p95 over 100,000 items", slowest, "ms", ("<=", 100), note)]


def _fill(place: Place) -> None:
    drawn = random.Random(1)
    size = ITEMS // DIRECTIVES
    with writing(place.office.engine) as session:
        connection = session.connection()
        for number in range(1, DIRECTIVES + 1):
            connection.execute(insert(DIRECTIVE), directive_row(place) | {"id": number})
            rows = [
                item_row(number, position, _text(drawn, number * size + position))
                for position in range(1, size + 1)
            ]
            connection.execute(insert(ITEM), rows)
        index_all(connection)


def _text(drawn: random.Random, number: int) -> str:
    text = "".join(drawn.choices(WORDS, k=28))
    return f"{text}加固渡槽。" if number % RARE_EVERY == 0 else f"{text}。"


async def _measure(place: Place, folder: Path) -> float:
    app = create_app(WebSite(place.office, lambda: NOW, FolderStore(folder / "evidence")))
    slowest = 0.0
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bench", cookies=session_of(place, "leader")
    ) as client:
        for asked in ASKED:
            one = await measured_page(client, f"/search?q={asked}")
            say(f"search: {asked}: p95 {one.p95:.1f} ms, {one.queries} queries, {one.weight:,} octets")
            slowest = max(slowest, one.p95)
    return slowest
