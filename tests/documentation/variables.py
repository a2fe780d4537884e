"""Owns the inventory that the examples are run with: the secrets they take from a vault, and accounts for the role."""

import re
from typing import Any

from example_com import ExampleCom
from sandbox import Sandbox

_HERE = {
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "matrix_domain": "example.com",
}
# Whose token a variable holds.
_OWNERS = {
    "vault_matrix_admin_access_token": "admin",
    "vault_reminder_bot_access_token": "reminder",
}


def inventory(text: str, sandbox: Sandbox, of_the_block: dict[str, Any]) -> dict[str, Any]:
    """For a text that names variables."""
    variables = _HERE | _vault(text, sandbox.example_com) | _accounts(sandbox) | of_the_block
    groups: dict[str, Any] = {"matrix_servers": {"hosts": {"server": {}}}}
    return {"all": {"vars": variables, "hosts": {"localhost": {}}, "children": groups}}


def _accounts(sandbox: Sandbox) -> dict[str, Any]:
    """What the role is given, where an example does not say."""
    account = {
        "user_id": "@baibot:example.com",
        "password": sandbox.example_com.password,
        "session_file": str(sandbox.root / "account.json"),
    }
    return {"access_tokens_accounts": [account]}


def _vault(text: str, example_com: ExampleCom) -> dict[str, Any]:
    return {name: _secret(name, example_com) for name in re.findall(r"\bvault_\w+", text)}


def _secret(name: str, example_com: ExampleCom) -> Any:
    if name == "vault_bot_passwords":
        return {user: example_com.password for user in ("hookshot", "postmoogle")}
    if name.endswith("_password"):
        return example_com.password
    if name == "vault_mas_client_secret":
        return example_com.mas["client_secret"]
    if name.endswith("_as_token"):
        return example_com.as_token
    return example_com.token_of(_OWNERS[name])
