"""A predicate is one plain SQL expression over the candidate table, and nothing else.

DuckDB parses it; the tree is then checked against lists of what is allowed, so what is not known
here is refused: no subquery, no table, no window, no function that could read a file, a setting, a
clock or a random number.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from domain.errors import BadPolicy
from governance.candidate_columns import ACTION_KINDS, CANDIDATE_COLUMNS

NODES = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "OPERATOR",
        "TYPE",
    }
)
"""Classes of expression that may occur."""

FUNCTIONS = frozenset(
    {"+", "-", "*", "/", "//", "%", "||"}
    | {"~~", "!~~", "~~*", "!~~*", "like_escape", "not_like_escape", "ilike_escape", "not_ilike_escape"}
    | {"abs", "ceil", "floor", "round", "greatest", "least", "sign", "ifnull", "nullif"}
    | {"lower", "upper", "trim", "length", "contains", "prefix", "starts_with", "suffix", "ends_with"}
    | {"regexp_matches", "regexp_full_match", "substring", "left", "right", "list_value", "concat"}
)
"""Functions and operators that may be called: pure, and of their arguments only."""

TYPES = frozenset({"VARCHAR", "TEXT", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL"})
"""Types that may be cast to."""

STRUCTURE = ("modifiers", "where_clause", "group_expressions", "group_sets", "having", "sample", "qualify")
"""Parts of a SELECT that must be empty."""


def sandbox() -> duckdb.DuckDBPyConnection:
    """Open a DuckDB in memory that can reach nothing outside it, and cannot be told otherwise."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "threads": "1",
        },
    )
    connection.execute("SET lock_configuration = true")
    return connection


def check_expression(connection: duckdb.DuckDBPyConnection, where: str, text: str) -> None:
    """Refuse a predicate that is more, or less, than one boolean expression over the candidate table.

    Parameters
    ----------
    where
        The rule or licence that holds it, as the message names it.

    Raises
    ------
    BadPolicy
        Naming ``where`` and what is wrong.
    """
    for wrapped in (f"SELECT {text}", f"SELECT ({text}\n)"):
        tree = _only_expression(_parsed(connection, where, wrapped), where)
    for node in _nodes(tree):
        _check_node(node, where)
    _check_kind(connection, where, text)


def empty_table_sql() -> str:
    """SQL that makes the candidate table with no rows."""
    columns = ", ".join(f'"{name}" {column.kind}' for name, column in CANDIDATE_COLUMNS.items())
    return f"CREATE OR REPLACE TEMP TABLE candidates ({columns})"


def _parsed(connection: duckdb.DuckDBPyConnection, where: str, query: str) -> dict[str, Any]:
    row = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    document: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if document.get("error"):
        reason = str(document.get("error_message", "not readable")).splitlines()[0]
        raise BadPolicy(f"{where} is no SQL expression: {reason}")
    return document


def _only_expression(document: dict[str, Any], where: str) -> dict[str, Any]:
    statements = document["statements"]
    node = statements[0]["node"] if len(statements) == 1 else {}
    plain = (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not node["cte_map"]["map"]
        and not any(node.get(part) for part in STRUCTURE)
        and not node["select_list"][0].get("alias")
    )
    if not plain:
        raise BadPolicy(f"{where} must be one expression, such as direct_cost > 500, and nothing after it")
    only: dict[str, Any] = node["select_list"][0]
    return only


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node of an expression: whatever has a class or is a query of its own."""
    if isinstance(tree, dict):
        if "class" in tree or "node" in tree:
            yield tree
        for inner in tree.values():
            yield from _nodes(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _nodes(inner)


def _check_node(node: dict[str, Any], where: str) -> None:
    kind = node.get("class", "SUBQUERY")
    if kind not in NODES:
        raise BadPolicy(f"{where} holds a {kind.lower().replace('_', ' ')}; only a plain expression is accepted")
    if kind == "COMPARISON" or node.get("type") in ("COMPARE_IN", "COMPARE_NOT_IN"):
        _check_actions(node, where)
    if kind == "COLUMN_REF":
        _check_column(node["column_names"], where)
    if kind == "FUNCTION":
        _check_function(node, where)
    if kind == "TYPE" and str(node.get("type_name", "")).upper() not in TYPES:
        raise BadPolicy(f"{where} casts to {node.get('type_name')!r}; allowed are {', '.join(sorted(TYPES))}")


def _check_column(names: list[str], where: str) -> None:
    if len(names) != 1 or names[0].lower() not in CANDIDATE_COLUMNS:
        raise BadPolicy(
            f"{where} uses the unknown column {'.'.join(names)!r}; a predicate may use {', '.join(CANDIDATE_COLUMNS)}"
        )


def _check_actions(node: dict[str, Any], where: str) -> None:
    """A text that ``action`` is compared with must be a kind of action: with another, a rule never matches."""
    sides = [node["left"], node["right"]] if node["class"] == "COMPARISON" else node["children"]
    if any([name.lower() for name in side.get("column_names", [])] == ["action"] for side in sides):
        for side in sides:
            literal = side.get("literal", {})
            if literal.get("kind") == "STRING":
                check_action(literal["text"], where)


def check_action(action: str, where: str) -> None:
    """Refuse a text that is no kind of action.

    Raises
    ------
    BadPolicy
        Naming ``where`` and the kinds that there are.
    """
    if action not in ACTION_KINDS:
        raise BadPolicy(f"{where} names the action {action!r}; the kinds are {', '.join(ACTION_KINDS)}")


def _check_function(node: dict[str, Any], where: str) -> None:
    name = str(node["function_name"]).lower()
    plain = not (node.get("schema") or node.get("catalog") or node.get("filter") or node.get("distinct"))
    if name not in FUNCTIONS or not plain:
        raise BadPolicy(f"{where} calls {name!r}; allowed are {', '.join(sorted(FUNCTIONS))}")


def _check_kind(connection: duckdb.DuckDBPyConnection, where: str, text: str) -> None:
    """Bind the expression against the empty candidate table; it must be true or false."""
    connection.execute(empty_table_sql())
    try:
        described = connection.execute(f"DESCRIBE SELECT ({text}\n) FROM candidates").fetchall()
    except duckdb.Error as error:
        raise BadPolicy(f"{where} does not fit the candidate table: {str(error).splitlines()[0]}") from None
    if described[0][1] not in ("BOOLEAN", '"NULL"', "NULL"):
        raise BadPolicy(f"{where} must be true or false, but is of type {described[0][1]}")
