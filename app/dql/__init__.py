"""What the shell and the lab's console share: values of parameters, completion, answers as text.

Pure, and without the terminal's libraries: a phone gets it.
"""
