"""A setting that nothing reads would be a promise to an administrator that nobody keeps."""

import ast

from config.settings import Settings

READERS = ("cli/", "web/", "dispatch/", "play/", "worker.py")


def test_every_setting_is_read_where_a_process_is_put_together(product: dict[str, ast.Module]) -> None:
    read = {
        node.attr
        for name, tree in product.items()
        if name.startswith(READERS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }

    assert sorted(set(Settings.model_fields) - read) == []
