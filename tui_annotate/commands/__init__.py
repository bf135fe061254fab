"""What keys do: the action table, keymaps, the input filter, the guards, generated help.

Pure: nothing here knows a screen, and every clock is passed in.
"""
