"""What became of a node's update stands on the devices page, in both languages."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from contract.health import NodeStatus
from contract.updating import UpdateReport, UpdateResult
from contract.values import Text
from controller.view import NodeView
from tests.web.clock import Clock
from tests.web.hall import PaperHall
from tests.web.paper import token

SILENT = Text(zh="设备无应答：kiosk-1，已恢复原版本", en="These do not answer: kiosk-1; the version before is back")
SAYS: dict[UpdateResult, dict[str, str]] = {
    "kept": {"zh": "已更新到版本 0.2.0", "en": "Updated to version 0.2.0"},
    "trying": {"zh": "正在试运行版本 0.2.0", "en": "Version 0.2.0 on trial"},
    "returned": {"zh": "设备无应答：kiosk-1", "en": "These do not answer: kiosk-1"},
    "refused": {"zh": "未接受更新 0.2.0", "en": "An update was refused (0.2.0)"},
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("result", list(SAYS))
async def test_what_became_of_an_update_stands_beside_the_version(
    staff: httpx.AsyncClient, hall: PaperHall, clock: Clock, lang: str, result: UpdateResult
) -> None:
    now = clock()
    last = UpdateReport(version="0.2.0", result=result, code="ok", what=SILENT, at=now - timedelta(minutes=5))
    status = NodeStatus(node="entrance", session=token(), state="online", at=now, version="0.1.0")
    hall.node(NodeView(node="entrance", place="入口", status=msgspec.structs.replace(status, update=last)))
    page = (await staff.get("/devices", params={"lang": lang})).text
    assert SAYS[result][lang] in page
    line = page[: page.index('data-key="update-entrance"')].rpartition("<p")[2]
    assert ('class="warn"' in line) == (result in ("returned", "refused"))


async def test_a_node_without_updates_says_nothing_of_them(staff: httpx.AsyncClient, hall: PaperHall, clock: Clock) -> None:
    status = NodeStatus(node="entrance", session=token(), state="online", at=clock(), version="0.1.0")
    hall.node(NodeView(node="entrance", place="入口", status=status))
    assert "update-entrance" not in (await staff.get("/devices")).text
