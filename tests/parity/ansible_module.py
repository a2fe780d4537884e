"""Answers what the real AnsibleModule makes of argument sets, one line of JSON per line of JSON.

The first line is the option table, as keyword arguments of AnsibleModule; each further line is one
argument set, as Ansible would put it in the args file.
"""

import contextlib
import io
import json
import sys
from typing import Any

from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible.module_utils.parsing import convert_bool

# Messages list this set, in an order that changes from run to run; sorted, they can be compared.
convert_bool.BOOLEANS = sorted(convert_bool.BOOLEANS, key=repr)


def evaluate(table: dict[str, Any], arguments: bytes) -> dict[str, Any]:
    """Tells the parameters of an accepted set, the message of a refused one, or the crash."""
    basic._ANSIBLE_ARGS = b'{"ANSIBLE_MODULE_ARGS": %s}' % arguments
    basic._ANSIBLE_PROFILE = "legacy"
    warnings._global_warnings.clear()
    printed = io.StringIO()
    params: dict[str, Any] = {}
    try:
        with contextlib.redirect_stdout(printed):
            module = basic.AnsibleModule(**table, supports_check_mode=True, no_log=True)
            params = {name: module.params[name] for name in table["argument_spec"]}
            module.exit_json()
    except SystemExit:
        result = json.loads(printed.getvalue())
    except Exception as crash:
        return {"crash": f"{type(crash).__name__}: {crash}"}
    given = [warning["event"]["msg"] for warning in result.get("warnings", [])]
    refused = result.get("failed", False)
    answer = {"msg": result["msg"]} if refused else {"params": params}
    return answer | {"warnings": given}


def main() -> None:
    table = json.loads(sys.stdin.buffer.readline())
    for line in sys.stdin.buffer:
        answer = evaluate(table, line)
        try:
            text = json.dumps(answer, allow_nan=False)
        except (TypeError, ValueError) as crash:
            text = json.dumps({"crash": f"no JSON can hold it: {crash}"})
        print(text, flush=True)


if __name__ == "__main__":
    main()
