"""All in which the engines of the store differ: one module for each.

Statements are written once, as SQLite has them and as far as PostgreSQL takes them too. What is
left (places for values, types, errors, transactions, what a start and an end need) is said here;
`Dialect` in `store/connection.py`, which is the only caller, lists what that is.
"""
