"""Owns docs/performance.md's table: puts the one that `make bench` printed last in its place."""

import sys

from bench.places import CACHE, ROOT

TABLE = CACHE / "table.md"
_PAGE = ROOT / "docs/performance.md"
_BEGIN, _END = "<!-- make bench-docs begins here -->\n", "<!-- and ends here -->\n"


def main() -> None:
    if not TABLE.exists():
        sys.exit("there is no table yet: run `make bench`")
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    table = TABLE.read_text(encoding="utf-8")
    _PAGE.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
