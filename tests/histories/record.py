"""Records the histories beside this file anew: `python -m tests.histories.record [NAME ...]`.

Run it by hand after a new path or a gated change (docs/workflow-changes.md), never to make a red replay green:
the old histories are the runs that are under way at some office. A file is one run, an event a line; what
replaying does not read (who polled, ids of requests and tasks) is left out.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from dispatch.embedded import EmbeddedServer
from dispatch.temporal_worker import WORKFLOWS
from store.schema import migrate
from store.sessions import open_engine
from tests.histories.replay import replay
from tests.office import set_scene
from tests.temporal import Run, own_namespace, running
from tests.workflows.stories import STORIES

FOLDER = Path(__file__).parent
UNREAD = {"identity", "taskId", "requestId", "workerVersion", "meteringMetadata", "stickyTaskQueue"}


def slim(value: Any) -> Any:
    """The same JSON without what replaying does not read."""
    if isinstance(value, dict):
        if value.get("kind") == "TASK_QUEUE_KIND_STICKY":
            return value | {"name": "sticky"}  # its name tells process and machine
        return {name: slim(part) for name, part in value.items() if name not in UNREAD}
    return [slim(part) for part in value] if isinstance(value, list) else value


def as_text(run: Run) -> str:
    """A history as JSON, an event a line."""
    events = (json.dumps(slim(event), ensure_ascii=False) for event in run.history.to_json_dict()["events"])
    return '{"events": [\n' + ",\n".join(events) + "\n]}\n"


async def record(server: EmbeddedServer, name: str, folder: Path) -> list[Path]:
    """Play the story of that name and keep its runs, each once it has been replayed."""
    engine = open_engine(f"sqlite:///{folder / name}.db")
    migrate(engine)
    async with running(await own_namespace(server), set_scene(engine)) as live:
        workflow_id = await STORIES[name](live)
        runs = await live.runs(workflow_id)
    engine.dispose()
    written = []
    for number, run in enumerate(runs, 1):
        text = as_text(run)
        await replay(text, WORKFLOWS)
        written.append(FOLDER / (f"{name}.{number}.json" if len(runs) > 1 else f"{name}.json"))
        written[-1].write_text(text, encoding="utf-8")
    return written


async def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedServer(Path(folder) / "temporal.db", played=True) as server:
            for name in names or STORIES:
                for file in await record(server, name, Path(folder)):
                    print(file.name, file.stat().st_size)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
