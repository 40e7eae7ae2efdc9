"""Organisation files in JSON: one tree under `root`, or several under `trees` of which one is chosen."""

import json
from collections.abc import Iterator
from typing import Any

from domain.errors import InvalidInputError
from domain.organisation import OrganisationPlan, plan_organisation
from domain.organisation_fields import UnitDraft, shown

KNOWN_KEYS = frozenset({"name", "type", "code", "aliases", "email", "post", "children"})


def plan_json(data: bytes, tree: str | None) -> OrganisationPlan:
    """The organisation in `data`; `tree` is the id or name of the one to take where there are several.

    Raises InvalidInputError for what is no such JSON, an unknown or missing `tree`, and every bad unit.
    """
    path, root = _chosen(_parsed(data), tree)
    drafts: list[UnitDraft] = []
    problems: list[InvalidInputError] = []
    ignored: dict[str, None] = {}  # an ordered set
    waiting: list[tuple[str, Any, int | None]] = [(path, root, None)]
    while waiting:
        row, node, parent = waiting.pop()
        if not isinstance(node, dict):
            problems.append(InvalidInputError("[%(row)s] A unit is an object with a name.", row=row))
            continue
        problems.extend(_shape_problems(row, node))
        ignored.update(dict.fromkeys(key for key in node if key not in KNOWN_KEYS))
        drafts.append(_draft(row, node, parent))
        here = len(drafts) - 1
        children = node.get("children")
        if isinstance(children, list):
            below = [(f"{row}/children/{at}", child, here) for at, child in enumerate(children)]
            waiting.extend(reversed(below))
    return plan_organisation(drafts, problems, tuple(ignored))


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise InvalidInputError("A JSON file is in UTF-8; this one is not.") from None
    except RecursionError:
        raise InvalidInputError("The JSON file is nested too deep to be an organisation.") from None
    except ValueError as fault:
        raise InvalidInputError("The file is not readable as JSON: %(fault)s", fault=str(fault)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys each come once: of two `children` one would be lost without a word."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInputError("An object of the JSON file holds %(key)s twice.", key=shown(key))
        found[key] = value
    return found


def _chosen(content: Any, tree: str | None) -> tuple[str, Any]:
    """The path and the root node of the tree that is meant."""
    trees = dict(_trees(content))
    if not trees:
        raise InvalidInputError(
            "The JSON file holds no organisation: neither `root` nor `trees` with a root."
        )
    wanted = {path: entry for path, entry in trees.items() if tree is None or tree in _labels(entry)}
    if len(wanted) != 1:
        raise InvalidInputError(
            "Name the one tree that is meant: the file holds %(trees)s.",
            trees=", ".join(shown(str(_labels(entry)[0])) for entry in trees.values()),
        )
    path, entry = wanted.popitem()
    return f"{path}/root", entry["root"]


def _trees(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(content, dict):
        return
    if "root" in content:
        yield "", content
    several = content.get("trees")
    for at, entry in enumerate(several if isinstance(several, list) else ()):
        if isinstance(entry, dict) and "root" in entry:
            yield f"/trees/{at}", entry


def _labels(entry: dict[str, Any]) -> list[Any]:
    """What a tree may be called by: its id, its name, the name of its root."""
    root = entry["root"]
    named = (entry.get("id"), entry.get("name"), root.get("name") if isinstance(root, dict) else None)
    return [label for label in named if label is not None] or ["?"]


def _shape_problems(row: str, node: dict[str, Any]) -> Iterator[InvalidInputError]:
    """Values that are of another type than their key asks for."""
    for key in ("name", "type", "code", "email"):
        if not isinstance(node.get(key, ""), str):
            yield InvalidInputError("[%(row)s] %(key)s is not a text.", row=row, key=key)
    if not isinstance(node.get("post"), bool | None):
        yield InvalidInputError("[%(row)s] %(key)s is neither true nor false.", row=row, key="post")
    for key in ("aliases", "children"):
        if not isinstance(node.get(key, []), list):
            yield InvalidInputError("[%(row)s] %(key)s is not a list.", row=row, key=key)
    aliases = node.get("aliases")
    if isinstance(aliases, list) and not all(isinstance(alias, str) for alias in aliases):
        yield InvalidInputError("[%(row)s] %(key)s is not a text.", row=row, key="aliases")


def _draft(row: str, node: dict[str, Any], parent: int | None) -> UnitDraft:
    """The unit of a node; a value of a wrong type is left out, its problem has been told."""
    texts = {key: value for key, value in node.items() if isinstance(value, str)}
    aliases = node.get("aliases")
    post = node.get("post")
    return UnitDraft(
        row=row,
        name=texts.get("name", ""),
        parent=parent,
        kind=texts.get("type", ""),
        code=texts.get("code", ""),
        aliases=tuple(alias for alias in aliases if isinstance(alias, str))
        if isinstance(aliases, list)
        else (),
        email=texts.get("email", ""),
        post=post if isinstance(post, bool) else None,
    )
