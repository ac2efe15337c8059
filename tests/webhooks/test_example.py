"""The example receiver of the documents takes what the hall sends, and nothing else."""

import asyncio
import os
import sys
from pathlib import Path

import httpx

from hallware.main import main
from tests.controller.halls import sqlite, text
from tests.webhooks.receiver import SECRET, table

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "webhook" / "receiver.py"


async def test_it_takes_a_genuine_message_and_refuses_a_forged_one(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, "0", stdout=asyncio.subprocess.PIPE, env={**os.environ, "WEBHOOK_SECRET": SECRET}
    )
    assert process.stdout is not None
    try:
        port = int((await process.stdout.readline()).split()[-1])
        url = f"http://127.0.0.1:{port}/hall"
        file = tmp_path / "hall.toml"
        file.write_text(text(sqlite(tmp_path)) + table(url, tmp_path / "secret", timeout=20), encoding="utf-8")
        assert await asyncio.to_thread(main, ["webhook", "test", str(file), "city"]) == 0
        assert (await process.stdout.readline()).decode().startswith("hallware.test to -: 综合便民服务中心：测试消息")
        forged = {"webhook-id": "msg_forged", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        async with httpx.AsyncClient() as client:
            assert (await client.post(url, content=b"{}", headers=forged)).status_code == 401
            assert (await client.post(url, content=b"{}")).status_code == 401
        (tmp_path / "secret").write_text(SECRET.replace("whsec_Y", "whsec_Z"))
        assert await asyncio.to_thread(main, ["webhook", "test", str(file), "city"]) == 1
    finally:
        process.kill()
        await process.wait()
