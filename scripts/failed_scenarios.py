"""Prints the names of the scenarios that a JUnit report says have failed; fails itself when it names none."""

import sys
import xml.etree.ElementTree as Xml


def main(report: str) -> int:
    """Print the names on one line."""
    cases = Xml.parse(report).iter("testcase")
    failed = [str(case.get("name")) for case in cases if case.find("failure") is not None or case.find("error") is not None]
    print(*failed)
    return 0 if failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
