"""The doctor's look at what only the hall's computer has: database, registrar, and certificates made by `hallware init`."""

from collections.abc import Iterator
from datetime import datetime

from contract.plain import plain
from contract.settings import BadSettings
from controller.config_machine import Trust
from controller.store.errors import StoreError
from controller.store.reading import reading
from provisioning.ca_folder import CaFolder
from provisioning.doctor_trust import certificate_finding
from provisioning.finding import Finding, ill, look, unknown, well
from provisioning.registrar_client import NotReached, RegistrarClient, Unwelcome
from provisioning.revocation import ends_soon, read_list

RESTORE = ("用备份恢复：hallware restore FILE hall.toml", "put a backup in its place: hallware restore FILE hall.toml")
INIT = (
    "运行 sudo hallware init，再重启 hallware-registrar 和 mosquitto",
    "sudo hallware init makes it anew; then restart hallware-registrar and mosquitto",
)
BACK = (
    "从备份恢复 /etc/hallware；没有备份时 hallware init 会新建 CA，所有节点都要重新登记",
    "bring /etc/hallware back from its backup; without one `hallware init` makes a new CA, and every node must be enrolled anew",
)
ENTRY = (
    "删除 /etc/hallware/broker/passwords，运行 sudo hallware init，再重启 mosquitto",
    "remove /etc/hallware/broker/passwords, run sudo hallware init, and restart mosquitto",
)
"""When the broker does not take the password that the controller has."""


def database_finding(store: str) -> Finding:
    """Whether the hall's database is there and whole, as far as a look can tell."""
    try:
        with reading(store) as connection:
            sqlite = connection.dialect.name == "sqlite"
            damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if sqlite else "ok"
    except PermissionError:
        return unknown("database", "只有 root 能查看数据库：用 sudo 运行", "only root sees the database: run this with sudo")
    except (StoreError, BadSettings) as problem:
        if "there is no such database" in str(problem):
            return look(
                "database",
                ("还没有数据库", "there is none yet"),
                (
                    f"启动 hallware-controller 会新建；若大厅运行过，{RESTORE[0]}",
                    f"hallware-controller makes it when it starts; if the hall has worked before, {RESTORE[1]}",
                ),
            )
        do = RESTORE if store.startswith("sqlite") else ("启动 PostgreSQL，检查 `store`", "start PostgreSQL, and look at `store`")
        return ill("database", (f"无法读取：{plain(problem)}", f"it cannot be read: {plain(problem)}"), do)
    if damage != "ok":
        return ill("database", (f"已损坏：{plain(damage)}", f"it is damaged: {plain(damage)}"), RESTORE)
    return well("database", "数据库可读", "it can be read")


def examine_authority(trust: Trust, now: datetime) -> Iterator[Finding]:
    """The CA, who signs with it, and the list of whom it has shut out."""
    files = CaFolder(trust.ca)
    yield certificate_finding("CA", files.certificate, now, BACK)
    yield certificate_finding("registrar", trust.certificate, now, INIT)
    yield _registrar(trust, files)
    listed = read_list(files)
    if listed is None or ends_soon(listed, now):
        yield look(
            "list of the revoked",
            ("吊销列表缺失或将到期；到期后所有节点都连不上", "it is missing or ends soon; when it ends, nobody gets in"),
            ("启动 hallware-registrar", "start hallware-registrar"),
        )
    else:
        yield well("list of the revoked", "吊销列表有效", f"it is good until {listed.next_update_utc:%Y-%m-%d}")


def _registrar(trust: Trust, files: CaFolder) -> Finding:
    where = f"{trust.host}:{trust.enrolment_port}"
    try:
        RegistrarClient.of_known(trust.host, trust.enrolment_port, files.certificate).time()
    except (NotReached, Unwelcome) as problem:
        return ill(
            "enrolment",
            (f"登记程序无应答，不能登记或更新证书：{plain(problem)}", f"nobody is enrolled or renewed: {plain(problem)}"),
            (
                "sudo systemctl restart hallware-registrar；仍不行看 journalctl -u hallware-registrar",
                "sudo systemctl restart hallware-registrar; if that fails: journalctl -u hallware-registrar",
            ),
        )
    return well("enrolment", f"登记程序在 {where}", f"the registrar answers at {where}")
