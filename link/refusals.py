"""What TLS, the broker or the network says when somebody is kept out, in words that say what to do."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What stands in their words, and what it means in a hall."""

    sign: str
    en: str
    zh: str
    identity: bool = True
    """Whether it is about who somebody is, and not about the way there."""


_FOREIGN = (
    "the broker's certificate is not of this hall; is this the right network, and the right `broker.ca`?",
    "代理的证书不属于本大厅：网络和 broker.ca 是否正确",
)
_ELSEWHERE = (
    "the broker's certificate names other hosts than the one it is reached by; see `hallware init`",
    "代理的证书不含此地址：在大厅电脑上修改 host 并运行 hallware init",
)
_NAMELESS = (
    "nobody in the network knows this name; is it right, and is the cable plugged in?",
    "网络中没有此名称：名称是否正确，网线是否插好",
)
_NO_WAY = ("there is no way to this address; look at the cable, and is the address right?", "无法到达此地址：检查网线和地址")
_UNKNOWN = (
    "the broker does not take this name and password; look at `broker.username` and `broker.password_file`",
    "代理不接受此用户名和密码：检查 broker.username 和 broker.password_file",
)

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "alert certificate required",
        "the broker wants a certificate, and none is given; enrol this machine",
        "代理要求证书，本机没有：请登记本机",
    ),
    Refusal(
        "alert certificate revoked",
        "this machine's certificate was revoked; enrol it anew, with a new card",
        "本机证书已撤销：请重新制卡登记",
    ),
    Refusal(
        "alert certificate expired",
        "this machine's certificate has expired; enrol it anew, or look at the broker's clock",
        "本机证书已过期：请重新登记，或检查大厅电脑的时钟",
    ),
    Refusal(
        "alert bad certificate",
        "the broker does not take this machine's certificate; is the broker's clock behind?",
        "代理不接受本机证书：大厅电脑的时钟是否慢了",
    ),
    Refusal(
        "alert unknown ca",
        "this machine's certificate is not of the broker's hall; enrol it here",
        "本机证书不属于此大厅：请在此登记",
    ),
    Refusal(
        "alert unsupported certificate",
        "this machine's certificate is not one for a client; enrol this machine",
        "本机证书不是客户端证书：请登记本机",
    ),
    Refusal(
        "certificate is not yet valid",
        "the broker's certificate is not yet valid; this machine's clock is behind",
        "代理的证书尚未生效：本机时钟慢了",
    ),
    Refusal(
        "certificate has expired",
        "the broker's certificate has expired, or this machine's clock is ahead; see `hallware init`",
        "代理的证书已过期，或本机时钟快了：在大厅电脑上运行 hallware init",
    ),
    Refusal("Hostname mismatch", *_ELSEWHERE),
    Refusal("IP address mismatch", *_ELSEWHERE),
    Refusal("self-signed certificate", *_FOREIGN),
    Refusal("unable to get local issuer", *_FOREIGN),
    Refusal("Not authorized", *_UNKNOWN),
    Refusal("Bad user name or password", *_UNKNOWN),
    Refusal(
        "Connection refused",
        "nothing answers at this port; is the broker running, and are host and port right?",
        "此端口无应答：代理是否运行，地址和端口是否正确",
        identity=False,
    ),
    Refusal(
        "Connection reset",
        "whoever answers hangs up; does this port want TLS (`broker.ca`), or is it no broker's?",
        "对方挂断：此端口是否要求 TLS（broker.ca），是否是代理",
        identity=False,
    ),
    Refusal("Name or service not known", *_NAMELESS, identity=False),
    Refusal("name resolution", *_NAMELESS, identity=False),
    Refusal("No route to host", *_NO_WAY, identity=False),
    Refusal("Network is unreachable", *_NO_WAY, identity=False),
    Refusal(
        "WRONG_VERSION_NUMBER",
        "the broker does not speak TLS at this port; is `broker.port` right?",
        "此端口不使用 TLS：broker.port 是否正确",
    ),
)


def refusal(said: str) -> Refusal | None:
    """What is known of these words of OpenSSL, the broker or the network."""
    return next((known for known in REFUSALS if known.sign in said), None)


def in_words(said: str) -> str:
    """What was said, with what it means where we know."""
    known = refusal(said)
    return said if known is None or known.en in said else f"{known.en} ({said})"
