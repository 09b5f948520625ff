"""What goes out of Parley comes back into it."""

from __future__ import annotations

from pathlib import Path

from tests.integration.importing.conftest import brought, outcomes
from tests.integration.importing.growing import documents, grown, saved, told
from tests.unit.files.drawings import picture
from tests.unit.files.papers import pdf
from tests.world import Person, World

SEEDS = 8
FILES = {
    "chart.png": picture(),
    "照片.jpg": picture("JPEG", quality=60),
    "paper.pdf": pdf("first page"),
    "数据.csv": "a,b\n一,二\n".encode(),
}


async def uploaded(person: Person) -> list[int]:
    ids = []
    for name, data in FILES.items():
        answer = await person.api.post("/api/files", files={"file": (name, data)})
        assert answer.status_code == 201, answer.text
        ids.append(int(answer.json()["data"]["file"]["id"]))
    return ids


async def archive_of(person: Person) -> bytes:
    answer = await person.pages.get("/account/data/archive.zip")
    assert answer.status_code == 200
    return answer.content


async def test_everything_comes_back_into_another_account(world: World, tmp_path: Path) -> None:
    db = world.resources.db
    files = await uploaded(world.member)
    for seed in range(SEEDS):
        await db.write(grown, world.member.id, files, seed)
    before = await archive_of(world.member)
    assert outcomes(await brought(world, world.outsider, saved(tmp_path / "all.zip", before))) == {
        "new": SEEDS
    }
    after = await archive_of(world.outsider)
    theirs = documents(after)
    for title, mine in documents(before).items():
        assert told(theirs[title]) == told(mine)
    texts = await db.fetch("SELECT owner, name, extracted FROM stored_file WHERE extracted IS NOT NULL")
    for person in (world.member, world.outsider):
        read = {row["name"]: row["extracted"] for row in texts if row["owner"] == person.id}
        assert read == {"paper.pdf": "[1]\nfirst page\n\n", "数据.csv": "a,b\n一,二\n"}
    again = await brought(world, world.outsider, saved(tmp_path / "all.zip", before))
    assert outcomes(again) == {"known": SEEDS}
    assert set(map(str, map(told, documents(await archive_of(world.outsider)).values()))) == set(
        map(str, map(told, theirs.values()))
    )
