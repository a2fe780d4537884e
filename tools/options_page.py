"""Owns docs/options.md: what `ansible-doc` tells of the module, for those who read it in a browser.

    options_page.py > docs/options.md

It adds nothing of its own; a test holds the page to what this prints.
"""

import json
import re
import subprocess
from typing import Any

_MODULE = "selfhosted.matrix.matrix_access_token"
_HEAD = f"""\
# Options and results

What `ansible-doc {_MODULE}` shows, made from it by `make options-page`.
"""
# Ansible's markup: https://docs.ansible.com/ansible/latest/dev_guide/ansible_markup.html
_CODE = r"\b(?:O|V|RV|C|E|M)\(((?:[^()\\]|\\.|\([^()]*\))*)\)"
_BOLD = r"\bB\(([^()]*)\)"

Fields = dict[str, dict[str, Any]]


def documentation() -> dict[str, Any]:
    command = ["ansible-doc", "--json", _MODULE]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    page: dict[str, Any] = json.loads(answer.stdout)[_MODULE]
    return page


def markdown(text: str) -> str:
    text = re.sub(_CODE, lambda match: f"`{match[1]}`", text)
    return re.sub(_BOLD, lambda match: f"**{match[1]}**", text)


def sentences(description: str | list[str]) -> list[str]:
    lines = [description] if isinstance(description, str) else description
    return [markdown(line) for line in lines]


def option(name: str, fields: dict[str, Any]) -> str:
    facts = [fields.get("type", "str")]
    if fields.get("aliases"):
        facts.append("also " + ", ".join(f"`{alias}`" for alias in fields["aliases"]))
    if fields.get("choices"):
        facts.append("one of " + ", ".join(f"`{choice}`" for choice in fields["choices"]))
    if "default" in fields:
        facts.append(f"default `{written(fields['default'])}`")
    return entry(name, facts, fields["description"])


def result(name: str, fields: dict[str, Any]) -> str:
    facts = [fields["type"], markdown(fields["returned"])]
    return entry(name, facts, fields["description"])


def entry(name: str, facts: list[str], description: str | list[str]) -> str:
    return "\n\n".join([f"### `{name}`", f"*{', '.join(facts)}*", *sentences(description)])


def written(default: Any) -> str:
    return default if isinstance(default, str) else json.dumps(default)


def page() -> str:
    shown = documentation()
    options: Fields = shown["doc"]["options"]
    results: Fields = shown["return"]
    notes = [f"- {note}" for note in sentences(shown["doc"]["notes"])]
    parts = [
        _HEAD.rstrip(),
        "## Options",
        *(option(name, options[name]) for name in options),
        "## Results",
        *(result(name, results[name]) for name in results),
        "## Notes",
        "\n".join(notes),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")
