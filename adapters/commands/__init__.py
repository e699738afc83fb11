"""The commands of the command line, one file per group. cli.py puts them together.

Importing one of these files loads nothing heavy: whatever a command needs it imports when it is called, so that
`winwin --help` comes at once.
"""
